// The style of the page at `/`. A file of its own for browsers, because the security headers forbid inline styles.

extension HomePage {
  /// CSS for light and dark screens, wide and narrow ones.
  static let style = """
    :root {
      --paper: #fbfaf8; --card: #ffffff; --ink: #1d2430; --soft: #5b6472; --line: #e4e1da; --accent: #1f7a4d; --on-accent: #ffffff;
      --tag: #eef3ef;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14171c; --card: #1b1f26; --ink: #e8eaee; --soft: #9aa4b2; --line: #2b313b; --accent: #5cc893;
        --on-accent: #10241a; --tag: #22302a;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
    header { padding-top: 4rem; padding-bottom: 2.5rem; }
    h1 { font-size: clamp(1.9rem, 4.5vw, 3rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 1rem; max-width: 22ch; }
    h2 { font-size: 1.05rem; margin: 0 0 1rem; }
    pre + h2, ul + h2 { margin-top: 2rem; }
    a { color: var(--accent); text-underline-offset: 0.15em; }
    a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
    .mark { color: var(--accent); font-weight: 700; letter-spacing: 0.02em; margin: 0 0 1.5rem; }
    .lead { color: var(--soft); font-size: 1.15rem; max-width: 46ch; margin: 0 0 1.75rem; }
    .actions { margin: 0; display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: center; }
    .button {
      background: var(--accent); color: var(--on-accent); padding: 0.65rem 1.2rem; border-radius: 0.5rem;
      text-decoration: none; font-weight: 600;
    }
    .numbers {
      list-style: none; margin: 0 0 2.5rem; padding: 0; display: grid; gap: 1px; background: var(--line);
      grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); border: 1px solid var(--line); border-radius: 0.75rem;
      overflow: hidden;
    }
    .numbers li { background: var(--card); padding: 1.1rem 1.25rem; color: var(--soft); }
    .numbers b { display: block; color: var(--ink); font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
    .columns { display: grid; gap: 3rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
    .links { list-style: none; margin: 0; padding: 0; }
    .links li {
      display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; align-items: baseline; padding: 0.5rem 0;
      border-bottom: 1px solid var(--line);
    }
    .links span { color: var(--soft); }
    @media (max-width: 26rem) { .links li { grid-template-columns: 1fr; } }
    code { font: 0.92em ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace; }
    pre {
      background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem 1.25rem; margin: 0;
      overflow-x: auto; line-height: 1.5;
    }
    .articles { list-style: none; margin: 0; padding: 0; }
    .articles li { padding: 0 0 1.1rem; margin: 0 0 1.1rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
    .articles li > a { color: var(--ink); font-weight: 600; text-decoration: none; }
    .articles li > a:hover { text-decoration: underline; }
    .articles p { margin: 0.2rem 0 0; color: var(--soft); }
    .articles .meta { font-size: 0.88rem; margin-top: 0.5rem; }
    .tag { background: var(--tag); color: var(--accent); border-radius: 1rem; padding: 0.1rem 0.6rem; margin-left: 0.3rem; }
    .empty { color: var(--soft); }
    footer { color: var(--soft); font-size: 0.88rem; padding-top: 2.5rem; padding-bottom: 3rem; }

    """
}
