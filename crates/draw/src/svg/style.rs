//! The colours. Dark ones where the reader's system is dark.

/// The style sheet. Colours of text have a contrast of 4.5 to 1 at least with what is behind them.
///
/// <https://www.w3.org/TR/WCAG22/#contrast-minimum>
pub(super) const STYLE: &str = "\
svg { --paper: #ffffff; --lane: #f5f7fa; --edge: #d5dce5; --card: #ffffff; --ink: #17212e; --soft: #55626f;
  --name: #5b4bd6; --balancer: #0b7a75; --network: #3f6fb5; --cluster: #b04a12; --store: #0d6a96; --endpoint: #4d5a68;
  --peer: #8b3fa8; --check: #c0356b; --lock: #8f6400; --good: #1a7f37; --bad: #c2232d; --amber: #956000; --grey: #6b7683;
  --good-bg: #e3f6e8; --bad-bg: #fdeaea; --amber-bg: #fff4d6; --cell: #f1effc; --net: #edf3fb; }
@media (prefers-color-scheme: dark) { svg { --paper: #0d1218; --lane: #141b24; --edge: #2b3644; --card: #1b242f;
  --ink: #e6edf5; --soft: #9fadbd; --name: #a99dff; --balancer: #4cc9bf; --network: #7fb0f2; --cluster: #f3a06b;
  --store: #6cc3ee; --endpoint: #aab7c6; --peer: #d295ea; --check: #ff86b1; --lock: #e3b75a; --good: #5ad37f;
  --bad: #ff8087; --amber: #f0bd5a; --grey: #8b97a5; --good-bg: #12301d; --bad-bg: #3a171b; --amber-bg: #352a10;
  --cell: #262144; --net: #17222f; } }
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif;
  fill: var(--ink); }
.b { font-weight: 600 }
.soft { fill: var(--soft) }
.paper { fill: var(--paper) }
.lane { fill: var(--lane); stroke: var(--edge) }
.network { --c: var(--network) } .balancer { --c: var(--balancer) } .cluster, .group { --c: var(--cluster) }
.store { --c: var(--store) } .endpoint { --c: var(--endpoint) } .name { --c: var(--name) }
.answers { --c: var(--name) } .peers { --c: var(--peer) } .forwards { --c: var(--balancer) }
.create { --c: var(--good); --cell: var(--good-bg); --tint: var(--good-bg) }
.update { --c: var(--amber); --cell: var(--amber-bg); --tint: var(--amber-bg) }
.delete { --c: var(--bad); --cell: var(--bad-bg); --tint: var(--bad-bg) }
.same { --c: var(--grey); --cell: var(--lane) }
.net { fill: var(--tint, var(--net)); stroke: var(--c); stroke-opacity: .55 }
.box { fill: var(--tint, var(--card)); stroke: var(--c); stroke-width: 1.3 }
.same .net, .same .box, .same .cell { stroke-dasharray: 4 3 }
.bar { fill: var(--c) }
.kind { fill: var(--c) }
.cell { fill: var(--cell); stroke: var(--c); stroke-opacity: .35 }
.zone { fill: var(--card); stroke: var(--edge) }
.line { fill: none; stroke: var(--c); stroke-width: 1.6 }
.wide { fill: none; stroke: transparent; stroke-width: 12 }
.by .line { stroke-dasharray: 6 4 }
.head, .dot { fill: var(--c) }
.mark { fill: var(--card); stroke: var(--check); stroke-width: 1.3 }
.pulse { fill: none; stroke: var(--check); stroke-width: 1.3; stroke-linejoin: round; stroke-linecap: round }
.lock { fill: var(--lock) } .shackle { fill: none; stroke: var(--lock); stroke-width: 1.5 }
.locked { fill: var(--lock) }
.nat { fill: var(--net); stroke: var(--network); stroke-opacity: .6 } .nat-text { fill: var(--network) }
.holds { fill: var(--good-bg) } .holds-text, .flag { fill: var(--good) }
.broken { fill: var(--bad-bg) } .broken-text, .torn { fill: var(--bad) }
.c-create { fill: var(--good) } .c-update { fill: var(--amber) } .c-delete { fill: var(--bad) } .c-same { fill: var(--soft) }
";
