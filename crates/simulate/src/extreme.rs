//! All clients at once, in one course: the times at which some client, somewhere, may use an address.
//!
//! A resolver may have asked at any moment, so an answer is in use from when it is first given until its
//! time to live after it is last given. On the way along CNAMEs each answer is kept by itself.

use std::collections::BTreeMap;

use crate::events::Course;
use crate::loss::Fates;
use crate::server::{Answer, Asker, End, Gives, Server};
use crate::world::{Place, Ty};

/// Where a client may end up: at an address, or nowhere.
pub(crate) type Stop = Option<End>;

/// Times, from and to, in milliseconds; the end is not within.
pub(crate) type Span = (i64, i64);

/// When clients may end where, in one course.
pub(crate) fn used(server: Server<'_>, course: &Course, name: &str) -> BTreeMap<Stop, Vec<Span>> {
    let mut used: BTreeMap<Stop, Vec<Span>> = BTreeMap::new();
    for place in &server.world.places {
        for ty in types(server, name) {
            let walk = Walk { server, course, place, ty };
            walk.name(name, (i64::MIN, course.end), 0, &mut used);
        }
    }
    for spans in used.values_mut() {
        merge(spans);
    }
    used
}

/// When clients may be led to what does not answer.
pub(crate) fn failing(fates: &Fates, used: &BTreeMap<Stop, Vec<Span>>, end: i64) -> Vec<Span> {
    let lost = (0, fates.lasts.unwrap_or(i64::MAX));
    let mut failing: Vec<Span> = Vec::new();
    for (stop, spans) in used {
        let bad = match stop {
            Some(at) if fates.spares(*at) => continue,
            Some(_) => lost,
            None => (0, i64::MAX),
        };
        failing.extend(spans.iter().filter_map(|span| both(*span, bad)).filter_map(|span| both(span, (0, end))));
    }
    merge(&mut failing);
    failing
}

/// The versions of IP that a name has addresses for; of one that has none, the older.
pub(crate) fn types(server: Server<'_>, name: &str) -> Vec<Ty> {
    let has = |ty: &Ty| !matches!(server.world.look_up(name, *ty), crate::world::Held::Missing);
    let of_both: Vec<Ty> = [Ty::A, Ty::Aaaa].into_iter().filter(has).collect();
    if of_both.is_empty() { vec![Ty::A] } else { of_both }
}

struct Walk<'a> {
    server: Server<'a>,
    course: &'a Course,
    place: &'a Place,
    ty: Ty,
}

impl Walk<'_> {
    fn name(&self, name: &str, within: Span, depth: usize, used: &mut BTreeMap<Stop, Vec<Span>>) {
        if depth > 16 {
            used.entry(None).or_default().push(within);
            return;
        }
        let asker = Asker { place: self.place.clone(), near: None };
        // A CNAME leads clients of each version of IP to what its target has.
        let answers = |view: &_| self.server.answers(view, name, self.ty, &asker);
        for (gives, spans) in self.held(answers) {
            for span in spans.into_iter().filter_map(|span| both(span, within)) {
                match &gives {
                    Gives::Ends(ends) => {
                        ends.iter().for_each(|end| used.entry(Some(*end)).or_default().push(span));
                    }
                    Gives::Name(next) => self.onward(next, span, depth + 1, used),
                    Gives::OwnName(host) => self.own(*host, span, used),
                    Gives::Nothing => used.entry(None).or_default().push(span),
                }
            }
        }
    }

    /// Of a name with addresses of one version only, nobody asks for the other.
    fn onward(&self, name: &str, span: Span, depth: usize, used: &mut BTreeMap<Stop, Vec<Span>>) {
        let types = types(self.server, name);
        let ty = if types.contains(&self.ty) { self.ty } else { types[0] };
        Walk { ty, ..*self }.name(name, span, depth, used);
    }

    fn own(&self, host: usize, within: Span, used: &mut BTreeMap<Stop, Vec<Span>>) {
        let own = |view: &_| {
            let gives = Gives::Ends(self.server.own_name(view, host));
            vec![Answer { via: Vec::new(), gives, ttl: self.server.own_ttl(host), share: 1.0 }]
        };
        for (gives, spans) in self.held(own) {
            let Gives::Ends(ends) = gives else { continue };
            for span in spans.into_iter().filter_map(|span| both(span, within)) {
                ends.iter().for_each(|end| used.entry(Some(*end)).or_default().push(span));
            }
        }
    }

    /// Each answer that was ever given, with the times at which some resolver may hold it.
    fn held(&self, answers: impl Fn(&crate::server::View) -> Vec<Answer>) -> Vec<(Gives, Vec<Span>)> {
        let mut held: Vec<(Gives, Vec<Span>)> = Vec::new();
        let past = &self.course.past;
        for (at, (since, view)) in past.iter().enumerate() {
            let until = past.get(at + 1).map_or(self.course.end, |(next, _)| *next);
            for answer in answers(view) {
                let span = (*since, until.saturating_add(answer.ttl));
                match held.iter_mut().find(|(gives, _)| *gives == answer.gives) {
                    Some((_, spans)) => spans.push(span),
                    None => held.push((answer.gives, vec![span])),
                }
            }
        }
        held.iter_mut().for_each(|(_, spans)| merge(spans));
        held
    }
}

fn both(a: Span, b: Span) -> Option<Span> {
    let span = (a.0.max(b.0), a.1.min(b.1));
    (span.0 < span.1).then_some(span)
}

fn merge(spans: &mut Vec<Span>) {
    spans.sort();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans.drain(..) {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => merged.push(span),
        }
    }
    *spans = merged;
}
