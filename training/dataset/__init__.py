"""The format of prepared videos on disk, which `prepare` writes and the trainings read.

    DATASET/dataset.json           what kind it is, and what holds for all of it
    DATASET/index.jsonl            one line per video that can be used
    DATASET/failed.jsonl           one line per video that cannot, with the reason
    DATASET/items/<name>/          one video; `item.json` in it says that it is whole
    DATASET/failed/<name>.json     one refused video
    DATASET/template.safetensors   statistics over the motions, of the kind joyvasa

The two lists are written from the folders below them, so they can always be written again.
"""
