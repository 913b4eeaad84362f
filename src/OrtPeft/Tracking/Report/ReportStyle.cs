namespace OrtPeft;

/// <summary>The style sheet of report.html.</summary>
static class ReportStyle
{
    internal const string Css = """

        :root {
          --paper: #f7f6f3; --card: #ffffff; --ink: #1d2125; --muted: #5c646d; --faint: #8a929b; --rule: #e3e1db;
          --right: #1f5fae; --right-rgb: 31 95 174; --wrong: #b4470f; --wrong-rgb: 205 92 30; --warn: #fff4dc; --warn-rule: #e3b341;
          --shadow: 0 1px 2px rgb(0 0 0 / .05);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #121417; --card: #1a1d21; --ink: #e9ebee; --muted: #a2aab3; --faint: #7b848e; --rule: #2d3238;
            --right: #82b4f5; --right-rgb: 96 156 235; --wrong: #f2a068; --wrong-rgb: 226 125 66; --warn: #2e2614; --warn-rule: #8a6a1c;
            --shadow: none;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
          print-color-adjust: exact; -webkit-print-color-adjust: exact;
        }
        main, footer { max-width: 67rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
        main { padding-top: clamp(1.75rem, 5vw, 3.5rem); }
        footer { padding-top: 1rem; padding-bottom: 3rem; color: var(--muted); font-size: .8125rem; }
        h1, h2 {
          font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Charter, "Noto Serif", Georgia, serif; font-weight: 600;
          line-height: 1.15; text-wrap: balance; overflow-wrap: anywhere;
        }
        h1 { font-size: clamp(2rem, 5vw, 3rem); margin: .2em 0 .3em; letter-spacing: -.015em; }
        h2 { font-size: 1.5rem; margin: 3rem 0 1rem; }
        h3 { font-size: .9375rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
        p { margin: 0 0 .75rem; }
        .eyebrow {
          margin: 0; color: var(--muted); font-size: .8125rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem;
          justify-content: space-between;
        }
        .lead { font-size: 1.125rem; color: var(--muted); max-width: 44rem; overflow-wrap: anywhere; }
        .note { color: var(--muted); font-size: .8125rem; }
        .right { color: var(--right); } .wrong { color: var(--wrong); }

        .warnings {
          background: var(--warn); border-left: 4px solid var(--warn-rule); border-radius: 6px; padding: .875rem 1.125rem;
          margin: 1.5rem 0;
        }
        .warnings p { margin: 0; overflow-wrap: anywhere; } .warnings p + p { margin-top: .5rem; }

        .summary {
          display: grid; grid-template-columns: repeat(2, 1fr); gap: 1px; margin: 1.75rem 0 0; background: var(--rule);
          border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; box-shadow: var(--shadow);
        }
        .summary div { background: var(--card); padding: 1rem 1.125rem .875rem; }
        .summary dt { color: var(--muted); font-size: .8125rem; }
        .summary dd {
          margin: 0; font-size: 1.625rem; font-weight: 600; line-height: 1.3; letter-spacing: -.02em; font-variant-numeric: tabular-nums;
        }
        .summary dd.note { font-size: .75rem; font-weight: 400; letter-spacing: 0; line-height: 1.4; }

        @media (min-width: 36rem) { .summary { grid-template-columns: repeat(var(--half), 1fr); } }
        @media (min-width: 60rem) { .summary { grid-template-columns: repeat(var(--all), 1fr); } }

        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
        .card, .facts, .predictions li, main > section > .scroll {
          background: var(--card); border: 1px solid var(--rule); border-radius: 10px; box-shadow: var(--shadow);
        }
        .card { padding: 1.125rem 1.25rem 1.25rem; min-width: 0; }
        .card:has(.confusion) { display: flex; flex-direction: column; } .card:has(.confusion) .scroll { margin: auto 0; }
        .card.wide { grid-column: 1 / -1; }
        main > section > .scroll { padding: .5rem 1.25rem; } main > section > .card + .scroll { margin-top: 1rem; }

        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .5rem .75rem; text-align: left; vertical-align: baseline; border-top: 1px solid var(--rule); }
        th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
        thead th { border: 0; color: var(--muted); font-weight: 500; font-size: .8125rem; vertical-align: bottom; }
        tbody th { font-weight: 600; overflow-wrap: break-word; min-width: 4.5rem; }
        .number { text-align: right; white-space: nowrap; } thead .number { white-space: normal; }
        .value { display: inline-block; min-width: 3.75rem; white-space: nowrap; }
        .interval { width: min(100%, 11rem); height: 12px; vertical-align: -1px; min-width: 4.5rem; }
        @media (min-width: 48rem) { td:has(.interval) { white-space: nowrap; } .interval { width: 9rem; } }
        .interval .track { stroke: var(--rule); stroke-width: 1.5; } .interval rect { fill: rgb(var(--right-rgb) / .3); }
        .interval .point { fill: var(--right); }
        .scroll + .note, table + .note { margin: .75rem 0 .25rem; }

        .confusion { width: auto; margin: 0 auto; border-collapse: separate; border-spacing: 3px; }
        .confusion th, .confusion td { border: 0; }
        .confusion tbody td { min-width: 5.5rem; padding: 1.125rem .625rem; text-align: center; border-radius: 6px; line-height: 1.25; }
        .confusion .right { background: rgb(var(--right-rgb) / var(--a)); }
        .confusion .wrong { background: rgb(var(--wrong-rgb) / var(--a)); }
        .confusion td.right, .confusion td.wrong { color: var(--ink); }
        .confusion td b { display: block; font-size: 1.125rem; } .confusion td span { font-size: .75rem; opacity: .85; }
        .confusion .none b { color: var(--muted); font-weight: 400; }
        .confusion thead th { text-align: center; color: var(--ink); font-weight: 600; }
        .confusion .side { color: var(--muted); font-weight: 400; }
        .confusion thead th.side[scope=col] { text-align: right; } .confusion tbody th { text-align: right; padding-left: 0; }

        .mistakes { font-size: .8125rem; } .mistakes th, .mistakes td { padding: .5rem .375rem; } .mistakes bdi { overflow-wrap: anywhere; }

        .chart { display: block; width: 100%; max-width: 34rem; height: auto; overflow: visible; } .wide > .chart { margin: 0 auto; }
        .chart text { fill: var(--muted); font-size: 11px; font-variant-numeric: tabular-nums; }
        .chart .title { fill: var(--ink); } .chart .note { font-size: 10px; }
        .chart .grid line { stroke: var(--rule); } .chart .axis line, .chart .base { stroke: var(--faint); }
        .chart .line path { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .chart .first path { stroke: var(--right); } .chart .first circle { fill: var(--right); } .chart text.first { fill: var(--right); }
        .chart .muted path { stroke: var(--faint); } .chart .muted circle { fill: var(--faint); }
        .chart .dashed path { stroke-dasharray: 5 4; } .chart .best { stroke: var(--faint); stroke-dasharray: 2 3; }
        .chart rect.right { fill: var(--right); } .chart rect.wrong { fill: var(--wrong); } .chart .name { font-weight: 600; }
        .chart.strips { max-width: none; } .chart .frame { fill: none; stroke: var(--rule); }
        .chart circle.right { fill: var(--right); } .legend span { margin-right: 0.8em; white-space: nowrap; }
        .chart .map-0.full { fill: #2f6fde; } .chart .map-0.hollow { fill: none; stroke: #2f6fde; stroke-width: 1.4; } .legend .map-0 { color: #2f6fde; }
        .chart .map-1.full { fill: #d9480f; } .chart .map-1.hollow { fill: none; stroke: #d9480f; stroke-width: 1.4; } .legend .map-1 { color: #d9480f; }
        .chart .map-2.full { fill: #2b8a3e; } .chart .map-2.hollow { fill: none; stroke: #2b8a3e; stroke-width: 1.4; } .legend .map-2 { color: #2b8a3e; }
        .chart .map-3.full { fill: #9c36b5; } .chart .map-3.hollow { fill: none; stroke: #9c36b5; stroke-width: 1.4; } .legend .map-3 { color: #9c36b5; }
        .chart .map-4.full { fill: #e6a700; } .chart .map-4.hollow { fill: none; stroke: #e6a700; stroke-width: 1.4; } .legend .map-4 { color: #e6a700; }
        .chart .map-5.full { fill: #0b7285; } .chart .map-5.hollow { fill: none; stroke: #0b7285; stroke-width: 1.4; } .legend .map-5 { color: #0b7285; }
        .chart .map-6.full { fill: #c2255c; } .chart .map-6.hollow { fill: none; stroke: #c2255c; stroke-width: 1.4; } .legend .map-6 { color: #c2255c; }
        .chart .map-7.full { fill: #5c5f66; } .chart .map-7.hollow { fill: none; stroke: #5c5f66; stroke-width: 1.4; } .legend .map-7 { color: #5c5f66; }
        .multiples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 1.25rem 2rem; }
        figure { margin: 0; min-width: 0; } figcaption { font-size: .875rem; margin-bottom: .25rem; overflow-wrap: anywhere; }
        figcaption bdi { font-weight: 600; margin-right: .5rem; } figcaption span { margin-right: .5rem; }

        .predictions {
          list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr));
        }
        .predictions li { padding: 1rem 1.25rem; min-width: 0; }
        .answer { margin: 0 0 .5rem; font-size: .875rem; }
        .answer .label {
          font-weight: 600; border: 1px solid currentColor; border-radius: 99px; padding: .1rem .625rem; margin-right: .25rem;
          overflow-wrap: anywhere;
        }
        .answer .value { min-width: 0; margin-right: .5rem; }
        blockquote {
          margin: 0; color: var(--muted); font-size: .875rem; white-space: pre-line; overflow-wrap: anywhere; unicode-bidi: isolate;
        }

        .facts {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1.75rem 2.5rem; padding: 1.25rem;
        }
        .facts section { min-width: 0; } .facts h3 { margin-bottom: .375rem; }
        .facts dl { margin: 0; font-size: .875rem; }
        .facts dl div { display: flex; gap: .75rem; padding: .25rem 0; border-top: 1px solid var(--rule); }
        .facts dt { color: var(--muted); flex: 0 0 7.5rem; overflow-wrap: anywhere; }
        .facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }

        @media (max-width: 32rem) {
          .card { padding: 1rem; } th, td { padding: .5rem .375rem; } .value { min-width: 0; } .interval { width: 4rem; min-width: 0; }
          .chart text { font-size: 13px; } .chart .note { font-size: 12px; } tbody th { min-width: 3rem; }
          .stacks, .stacks tbody, .stacks tr, .stacks th, .stacks td { display: block; } .stacks thead { display: none; }
          .stacks tr + tr { margin-top: 1rem; } .stacks th { border: 0; padding: .25rem 0; font-size: 1rem; }
          .stacks td { display: flex; gap: .75rem; align-items: baseline; padding: .3rem 0; }
          .stacks td::before { content: attr(data-name); color: var(--muted); margin-right: auto; }
        }
        @media print {
          :root { --paper: #fff; --shadow: none; } body { font-size: 12px; } .cards { grid-template-columns: 1fr 1fr; }
          .card, .facts section, .predictions li, .summary, tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; }
        }

        """;
}
