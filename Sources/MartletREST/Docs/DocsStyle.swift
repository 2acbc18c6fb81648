/// The style sheet of the page.
enum DocsStyle {
  static let text = #"""
    :root {
      --ground: #ffffff; --panel: #f5f6f8; --ink: #1b2230; --soft: #5b6475; --line: #dde1e8; --accent: #1d5fd6;
      --code: #f0f2f6; --get: #1d6fd6; --post: #18794e; --put: #a15c00; --patch: #7a4ec8; --delete: #c22b2b; --other: #5b6475;
      --good: #18794e; --bad: #c22b2b;
    }
    :root { color-scheme: light; }
    @media (prefers-color-scheme: dark) {
      :root:not([data-theme="light"]) { color-scheme: dark;
        --ground: #12161d; --panel: #191f29; --ink: #e6e9ef; --soft: #98a2b3; --line: #2b3340; --accent: #7db0ff;
        --code: #1f2632; --get: #7db0ff; --post: #57cf9b; --put: #f0b45c; --patch: #bd9cff; --delete: #ff8787; --other: #98a2b3;
        --good: #57cf9b; --bad: #ff8787;
      }
    }
    :root[data-theme="dark"] { color-scheme: dark;
      --ground: #12161d; --panel: #191f29; --ink: #e6e9ef; --soft: #98a2b3; --line: #2b3340; --accent: #7db0ff;
      --code: #1f2632; --get: #7db0ff; --post: #57cf9b; --put: #f0b45c; --patch: #bd9cff; --delete: #ff8787; --other: #98a2b3;
      --good: #57cf9b; --bad: #ff8787;
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
    a { color: var(--accent); }
    code, pre, textarea, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .skip { position: absolute; left: -999px; }
    .skip:focus { left: 8px; top: 8px; background: var(--ground); padding: 6px 10px; z-index: 9; }
    header { display: flex; gap: 16px; align-items: center; padding: 10px 20px; border-bottom: 1px solid var(--line);
      position: sticky; top: 0; background: var(--ground); z-index: 5; height: 56px; }
    header h1 { font-size: 17px; margin: 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    header h1 a { color: inherit; text-decoration: none; }
    header input { margin-left: auto; width: min(320px, 40vw); }
    input, select, textarea, button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
      border-radius: 6px; padding: 6px 10px; }
    button { cursor: pointer; background: var(--panel); }
    button.main { background: var(--accent); color: var(--ground); border-color: var(--accent); font-weight: 600; }
    button[disabled] { opacity: 0.6; cursor: progress; }
    #keys { padding: 12px 20px; background: var(--panel); border-bottom: 1px solid var(--line); display: grid; gap: 8px; }
    #theme { min-width: 40px; padding: 6px 0; }
    #help { position: relative; }
    #help summary { list-style: none; cursor: pointer; border: 1px solid var(--line); border-radius: 6px; padding: 6px 14px;
      background: var(--panel); }
    #help summary::-webkit-details-marker { display: none; }
    #help dl { position: absolute; right: 0; top: 44px; margin: 0; padding: 12px 16px; width: 300px; background: var(--ground);
      border: 1px solid var(--line); border-radius: 8px; display: grid; grid-template-columns: auto 1fr; gap: 6px 14px;
      box-shadow: 0 6px 24px rgb(0 0 0 / 0.18); }
    #help dd { margin: 0; color: var(--soft); }
    kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 1px 6px; background: var(--code); }
    .login { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
    .login > span { min-width: 140px; font-weight: 600; }
    .login input { flex: 0 1 240px !important; min-width: 140px !important; }
    .login p { margin: 0; flex-basis: 100%; }
    .anchor { margin-left: 8px; text-decoration: none; color: var(--soft); font-weight: 400; opacity: 0.5; }
    .anchor:hover, .anchor:focus { opacity: 1; }
    .badge { margin-left: 10px; font-size: 12px; border: 1px solid var(--line); border-radius: 10px; padding: 1px 8px; color: var(--soft);
      vertical-align: middle; }
    .route .id { margin-left: auto; }
    #keys label { display: flex; gap: 12px; align-items: center; flex-wrap: wrap; }
    #keys label > span { min-width: 140px; font-weight: 600; }
    #keys input { flex: 1; min-width: 200px; max-width: 640px; }
    #frame { display: grid; grid-template-columns: minmax(230px, 300px) minmax(0, 1fr); }
    nav { border-right: 1px solid var(--line); padding: 12px 8px 40px; position: sticky; top: 56px;
      height: calc(100vh - 56px); overflow-y: auto; }
    nav h2 { font-size: 12px; text-transform: uppercase; letter-spacing: 0.06em; color: var(--soft); margin: 16px 10px 4px; }
    nav a { display: flex; gap: 8px; align-items: baseline; padding: 4px 10px; border-radius: 6px; text-decoration: none;
      color: inherit; font-size: 14px; }
    nav a:hover { background: var(--panel); }
    nav a[aria-current="page"] { background: var(--code); font-weight: 600; }
    nav a .verb { min-width: 46px; }
    nav p { padding: 0 10px; color: var(--soft); }
    main { padding: 24px 32px 80px; max-width: 1080px; }
    main:focus-visible { outline: none; }
    main h2 { margin: 0 0 6px; font-size: 22px; }
    main h3 { margin: 28px 0 8px; font-size: 15px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
    .verb { font: 700 11px ui-monospace, monospace; text-transform: uppercase; color: var(--other); }
    .verb.get { color: var(--get); } .verb.post { color: var(--post); } .verb.put { color: var(--put); }
    .verb.patch { color: var(--patch); } .verb.delete { color: var(--delete); }
    .route { display: flex; gap: 10px; align-items: baseline; background: var(--code); border-radius: 6px; padding: 8px 12px;
      overflow-x: auto; }
    .route .verb { font-size: 13px; }
    .soft { color: var(--soft); }
    .text { white-space: pre-line; }
    table { border-collapse: collapse; width: 100%; }
    th { text-align: left; font-size: 12px; color: var(--soft); font-weight: 600; }
    th, td { padding: 6px 12px 6px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
    td input, td select { width: 100%; min-width: 120px; padding: 3px 8px; }
    td.name { white-space: nowrap; } td.value { width: 34%; }
    .required::after { content: " *"; color: var(--bad); }
    .schema { list-style: none; margin: 0; padding: 0 0 0 14px; border-left: 2px solid var(--line); }
    .schema > li { padding: 3px 0; }
    .schema summary { cursor: pointer; }
    .schemas { columns: 3 240px; padding-left: 20px; }
    .kind { color: var(--soft); margin-left: 8px; font-size: 13px; }
    .note { color: var(--soft); font-size: 13.5px; }
    textarea, td input, td select { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
    textarea { width: 100%; min-height: 220px; resize: vertical; tab-size: 2; background: var(--code); }
    table.short tr.lookup { display: none; }
    pre { background: var(--code); padding: 12px; border-radius: 6px; overflow: auto; max-height: 520px; margin: 8px 0; }
    .actions { display: flex; gap: 12px; align-items: center; margin: 12px 0; flex-wrap: wrap; }
    .status { font-weight: 700; } .status.good { color: var(--good); } .status.bad { color: var(--bad); }
    .responses summary { cursor: pointer; padding: 4px 0; }
    .responses details { border-bottom: 1px solid var(--line); }
    @media (max-width: 760px) {
      #frame { grid-template-columns: 1fr; }
      nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); }
      main { padding: 16px; }
      header { gap: 8px; padding: 8px 12px; position: static; height: auto; flex-wrap: wrap; }
      header h1 { flex: 1; }
      header input { order: 9; flex: 1 0 100%; }
      #help { display: none; }
    }
    """#
}
