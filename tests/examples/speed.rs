use conformance::*;
use std::time::Instant;
fn main() {
    let kind: driver::DriverKind = std::env::args().nth(1).unwrap().parse().unwrap();
    let only = std::env::args().nth(2);
    let len: usize = std::env::args().nth(3).map_or(20000, |l| l.parse().unwrap());
    for scope in model::scopes::all() {
        if only.as_ref().is_some_and(|o| o != "all" && o != scope.name) { continue }
        let g = model::graph::Graph::of(&scope);
        let t = Instant::now();
        let tours = tour::tours(&g, len);
        let steps: usize = tours.iter().map(Vec::len).sum();
        let t1 = t.elapsed();
        let t = Instant::now();
        let mut done = 0;
        for tour in &tours {
            let w = replay::replay(&scope, kind, tour);
            done += w.steps;
            if let Some(d) = w.divergence {
                let mut r = replay::Replay::new(&scope);
                let n = d.labels.len();
                for l in &d.labels[..] { let m = r.make(*l).unwrap(); if n < 60 || true { println!("   {:?}", m.ask.action); } }
                println!("DIVERGED after {} in {}", w.steps, scope.name);
                println!("{}", similar::TextDiff::from_lines(&format!("{:#?}", d.expected), &format!("{:#?}", d.actual)).unified_diff());
                return;
            }
        }
        println!("{:14} tour {} steps in {} tours ({:.2}/T) made {:?}; replayed {} in {:?} = {:.0}/s", scope.name, steps, tours.len(), steps as f64 / g.transition_count() as f64, t1, done, t.elapsed(), done as f64 / t.elapsed().as_secs_f64());
    }
}
