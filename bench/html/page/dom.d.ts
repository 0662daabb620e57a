/** The page's scripts run in a browser, where uPlot's script stands before them. */
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
