use model::graph::*;
fn main() {
    for scope in model::scopes::all() {
        let g = Graph::of(&scope);
        let n = g.state_count();
        let mut bal = vec![0i64; n];
        let mut edges = 0;
        for s in 0..n as u32 { for t in g.targets_of(s) { if *t != s { bal[s as usize] -= 1; bal[*t as usize] += 1; edges += 1; } } }
        let imb: i64 = bal.iter().filter(|b| **b > 0).sum();
        let maxin = bal.iter().max().unwrap(); 
        println!("{} N {} imbalance {} max {} loops {} => at least {:.2}/T", scope.name, edges, imb, maxin, g.self_loops(), (g.transition_count() as f64 + imb as f64)/ g.transition_count() as f64);
    }
}
