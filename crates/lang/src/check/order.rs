//! The order to evaluate a body's statements in: source order, except that what is used
//! comes before what uses it.

use topo_model::{Diagnostic, Span, Symbol};
use topo_syntax::ast::{self, BraceKey, Expr, ExprKind, StringPart};

use super::Typer;
use super::body::{Draft, DraftKind};

/// What each node uses: for each, a range of edges.
struct Graph {
    starts: Vec<u32>,
    edges: Vec<(u32, Span)>,
}

impl Graph {
    fn of(&self, node: u32) -> &[(u32, Span)] {
        &self.edges[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

impl Typer<'_, '_> {
    /// Orders the nodes; reports each ring of uses.
    pub(crate) fn order(&mut self, drafts: &[Draft<'_>]) -> Vec<u32> {
        let graph = self.graph(drafts);
        let mut order = Vec::with_capacity(drafts.len());
        // 0 not seen, 1 on the stack, 2 done.
        let mut state = vec![0_u8; drafts.len()];
        let mut stack: Vec<(u32, u32)> = Vec::new();
        for start in 0..drafts.len() as u32 {
            if state[start as usize] != 0 {
                continue;
            }
            state[start as usize] = 1;
            stack.push((start, 0));
            while let Some((node, next)) = stack.last_mut() {
                let node = *node;
                let Some((to, _)) = graph.of(node).get(*next as usize).copied() else {
                    state[node as usize] = 2;
                    order.push(node);
                    stack.pop();
                    continue;
                };
                *next += 1;
                match state[to as usize] {
                    0 => {
                        state[to as usize] = 1;
                        stack.push((to, 0));
                    }
                    1 => self.report_cycle(drafts, &graph, &stack, to),
                    _ => {}
                }
            }
        }
        order
    }

    fn graph(&mut self, drafts: &[Draft<'_>]) -> Graph {
        let mut graph = Graph { starts: Vec::with_capacity(drafts.len() + 1), edges: Vec::new() };
        let mut names: Vec<(Symbol, Span)> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            graph.starts.push(graph.edges.len() as u32);
            if let Some(header) = self.scopes[draft.scope as usize].header {
                graph.edges.push((header, draft.span));
            }
            names.clear();
            draft_names(draft, &mut names);
            self.scope = draft.scope;
            self.add_edges(&names, at as u32, &mut graph);
            if let DraftKind::For { at: Some(place), child, .. } = &draft.kind {
                names.clear();
                free_names(place, &mut Vec::new(), &mut names);
                self.scope = *child;
                // The loop's own names are bound by the time its `at` is read.
                names.retain(|(name, _)| self.lookup(*name).is_none_or(|(_, b)| b.node != Some(at as u32)));
                self.add_edges(&names, at as u32, &mut graph);
            }
        }
        graph.starts.push(graph.edges.len() as u32);
        self.scope = 0;
        graph
    }

    fn add_edges(&self, names: &[(Symbol, Span)], _from: u32, graph: &mut Graph) {
        for (name, span) in names {
            if let Some((_, binding)) = self.lookup(*name)
                && let Some(node) = binding.node
            {
                graph.edges.push((node, *span));
            }
        }
    }

    /// T0105, with every edge of the ring.
    fn report_cycle(&mut self, drafts: &[Draft<'_>], graph: &Graph, stack: &[(u32, u32)], to: u32) {
        let from = stack.iter().position(|(node, _)| *node == to).unwrap_or(0);
        let ring = &stack[from..];
        let mut edges = Vec::with_capacity(ring.len());
        for (node, next) in ring {
            let (used, span) = graph.of(*node)[*next as usize - 1];
            edges.push((describe(&drafts[*node as usize]), describe(&drafts[used as usize]), span));
        }
        let message = match edges.as_slice() {
            [(name, _, _)] => match &drafts[ring[0].0 as usize].kind {
                DraftKind::Resource { .. } => format!("{name} would have to be there before itself"),
                _ => format!("{name} is made of itself"),
            },
            _ => {
                let names: Vec<&str> = edges.iter().map(|(name, _, _)| name.as_str()).collect();
                format!("{} are made of each other, in a ring", names.join(", "))
            }
        };
        let label = |(from, to, _): &(String, String, Span)| format!("{from} needs {to}");
        let mut found = Diagnostic::error(105, edges[0].2, message, label(&edges[0]));
        for edge in &edges[1..] {
            found = found.label(edge.2, label(edge));
        }
        self.report(found.help("break the ring: one of these has to do without what it needs here"));
    }
}

fn describe(draft: &Draft<'_>) -> String {
    match &draft.kind {
        DraftKind::Param { name, .. } => format!("param `{}`", name.name),
        DraftKind::Let { name, .. } => format!("`{}`", name.name),
        DraftKind::Resource { ast, .. } => format!("`{}`", ast.name.name),
        DraftKind::For { .. } => "the loop".to_owned(),
        DraftKind::Check(_) => "the check".to_owned(),
        DraftKind::Objective { name, .. } => format!("objective `{}`", name.name),
        DraftKind::Output { name, .. } => format!("output `{}`", name.name),
        DraftKind::Misplaced => "the statement".to_owned(),
    }
}

/// The names that a statement uses in its own scope.
fn draft_names(draft: &Draft<'_>, out: &mut Vec<(Symbol, Span)>) {
    let mut bound = Vec::new();
    let mut each = |expr: &Expr| free_names(expr, &mut bound, out);
    match &draft.kind {
        DraftKind::Param { default, .. } => default.iter().for_each(|d| each(d)),
        DraftKind::Let { value, .. } | DraftKind::Output { value, .. } => each(value),
        DraftKind::Resource { ast, .. } => {
            ast.at.iter().chain(&ast.when).chain(&ast.from).for_each(&mut each);
            ast.fields.iter().for_each(|f| each(&f.value));
        }
        DraftKind::For { source, .. } => each(source),
        DraftKind::Check(check) => {
            each(&check.cond);
            each(&check.message);
        }
        DraftKind::Objective { when, fields, .. } => {
            when.iter().for_each(|w| each(w));
            fields.iter().for_each(|f| each(&f.value));
        }
        DraftKind::Misplaced => {}
    }
}

/// The names in an expression that it does not bind itself.
fn free_names(expr: &Expr, bound: &mut Vec<Symbol>, out: &mut Vec<(Symbol, Span)>) {
    match &expr.kind {
        ExprKind::Error | ExprKind::Literal(_) => {}
        ExprKind::Name(name) => {
            if !bound.contains(name) {
                out.push((*name, expr.span));
            }
        }
        ExprKind::Interpolation(parts) => {
            for part in parts {
                if let StringPart::Expr(expr) = part {
                    free_names(expr, bound, out);
                }
            }
        }
        ExprKind::Field { base, .. } => free_names(base, bound, out),
        ExprKind::Index { base, index } => {
            free_names(base, bound, out);
            free_names(index, bound, out);
        }
        ExprKind::Call { args, .. } | ExprKind::List(args) | ExprKind::Tuple(args) => {
            args.iter().for_each(|a| free_names(a, bound, out));
        }
        ExprKind::Unary { operand, .. } => free_names(operand, bound, out),
        ExprKind::Binary { left, right, .. } => {
            free_names(left, bound, out);
            free_names(right, bound, out);
        }
        ExprKind::If { cond, then, otherwise } => {
            free_names(cond, bound, out);
            free_names(then, bound, out);
            free_names(otherwise, bound, out);
        }
        ExprKind::Braces(entries) => {
            for entry in entries {
                if let BraceKey::Key(key) = &entry.key {
                    free_names(key, bound, out);
                }
                free_names(&entry.value, bound, out);
            }
        }
        ExprKind::ListFor(of) => {
            free_names(&of.source, bound, out);
            let mark = bind(&of.pattern, bound);
            of.cond.iter().for_each(|c| free_names(c, bound, out));
            free_names(&of.value, bound, out);
            bound.truncate(mark);
        }
        ExprKind::MapFor(of) => {
            free_names(&of.source, bound, out);
            let mark = bind(&of.pattern, bound);
            of.cond.iter().for_each(|c| free_names(c, bound, out));
            free_names(&of.key, bound, out);
            free_names(&of.value, bound, out);
            bound.truncate(mark);
        }
    }
}

fn bind(pattern: &ast::Pattern, bound: &mut Vec<Symbol>) -> usize {
    let mark = bound.len();
    match pattern {
        ast::Pattern::Name(name) => bound.push(name.name),
        ast::Pattern::Tuple(names, _) => bound.extend(names.iter().map(|n| n.name)),
    }
    mark
}
