"""Which tests only a thorough run has: `make test-thorough`, and `.ci/run` with it.

`make test` proves every capability in under a quarter of an hour on two cores. These tests take longer than
the others for what they add: they repeat a proof after a kill, with another engine, or over many inputs.
"""

from __future__ import annotations

THOROUGH = {
    "the programs that measure: what they measure has tests of its own": (
        "tests/benchmarks/test_fast_kernels.py",
        "tests/benchmarks/test_joyhallo_flops.py",
        "tests/benchmarks/test_joyhallo_parts.py",
        "tests/benchmarks/test_joyvasa_parts.py",
        "tests/benchmarks/test_rendering_parts.py",
    ),
    "many strange files and spoilt videos: each reader and each metric has tests with a few": (
        "tests/benchmarks/test_robustness.py",
        "tests/evaluation/test_builtin_ranking.py::test_a_spoilt_video_reads_worse",
    ),
    "work that is killed and goes on: the training loop, the jobs of a page and a Ray worker stay": (
        "tests/training/test_visemes.py::test_killed_in_the_middle_a_training_ends_as_it_would_have",
        "tests/training/joyhallo/test_round.py::test_killed_in_the_middle_stage_2_ends_as_it_would_have",
        "tests/training/joyvasa/test_round.py::test_killed_in_the_middle_a_run_ends_as_it_would_have",
        "tests/training/prepare/test_workers.py::test_a_worker_that_is_killed_costs_nothing",
        "tests/ui/test_interrupted_tasks.py",
        "tests/ui/test_process.py",
        "tests/ui/test_reload.py::test_a_reloaded_page_can_cancel_its_comparison_and_shows_the_next_again",
    ),
    "whole walks through documents, whose steps have tests of their own": (
        "tests/test_add_an_engine.py",
        "tests/ui/test_api_examples.py::test_every_example_runs",
    ),
    "what float64 allows a recording: the recordings themselves stay": ("tests/parity/test_rounding.py",),
    "whole trainings, and a batch over two processes: what each stage and each step trains stays": (
        "tests/training/joyhallo/test_round.py::test_both_stages_learn",
        "tests/training/loop/test_run.py::test_two_processes_have_the_gradients_of_one_with_twice_the_batch",
    ),
    "long voices and many visitors: shorter and fewer ones stay": (
        "tests/engines/joyvasa/jobs/test_memory.py",
        "tests/studio/batch/test_ray_pool.py::test_a_fast_worker_does_not_wait_for_a_slow_one",
        "tests/studio/batch/test_ray_pool.py::test_stopping_ends_the_workers_and_keeps_what_is_done",
        "tests/studio/batch/test_ray_pool.py::test_the_command_makes_twenty_videos_by_two_workers",
        "tests/studio/test_full_disk.py::test_at_every_size_there_is_a_whole_video_or_a_sentence",
        "tests/ui/test_many_clients.py",
    ),
    "what one engine or one way of a page shows, again with another": (
        "tests/media/test_portrait_search.py::TestAnimals"
        "::test_one_that_is_turned_gets_no_mesh_in_a_wrong_place",
        "tests/ui/test_export.py"
        "::test_an_export_is_refused_cancelled_and_made_and_stays_with_its_video_in_the_gallery",
        "tests/ui/test_joyhallo_tab.py::test_a_video_with_random_weights_is_marked",
        "tests/ui/live/test_live_troubles.py"
        "::test_after_a_gap_of_five_seconds_it_connects_again_with_its_portrait",
        "tests/ui/test_accessibility.py::test_no_tab_has_a_serious_finding_in_other_looks",
        "tests/ui/test_page_inputs.py::test_an_example_animal_is_one_in_every_tab",
        "tests/ui/test_picture_kinds.py",
    ),
}
"""Files and functions of tests, by what they repeat and what `make test` keeps."""


def is_thorough(nodeid: str) -> bool:
    """Whether only a thorough run has the test with this pytest id."""
    name = nodeid.partition("[")[0]
    return any(name == one or name.startswith(f"{one}::") for ones in THOROUGH.values() for one in ones)
