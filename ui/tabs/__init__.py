"""The tabs of the page, a module or a package each.

Each offers `tabs`, which returns its tabs for the engines of this page:

    def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
        return [Tab("Hello", build_hello_tab, "hello-tab", order=30)]
"""
