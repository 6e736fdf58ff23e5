//! An order in which what is used stands before what uses it, as far as that is possible.

/// The numbers 0, 1, … in such an order that each stands after what it uses. `edges[k]` is what k
/// uses. Circles are cut somewhere: whoever goes along the order finds them.
pub(super) fn order(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; edges.len()];
    let mut order = Vec::with_capacity(edges.len());
    // by hand: chains may be long
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for start in 0..edges.len() {
        if !std::mem::replace(&mut seen[start], true) {
            stack.push((start, 0));
        }
        while let Some((k, next)) = stack.last_mut() {
            match edges[*k].get(*next) {
                Some(&used) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[used], true) {
                        stack.push((used, 0));
                    }
                }
                None => {
                    order.push(*k);
                    stack.pop();
                }
            }
        }
    }
    order
}
