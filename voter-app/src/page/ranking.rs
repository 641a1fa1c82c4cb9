//! One move in a ranking: by a button, or by dragging.

use super::steps::Move;

/// Makes a move in an order of so many options; gives the option that was moved. A move that cannot be made changes nothing.
pub fn moved(order: &mut Vec<usize>, how: &Move, options: usize) -> Option<usize> {
    match *how {
        Move::Add(at) if at < options && !order.contains(&at) => {
            order.push(at);
            Some(at)
        }
        Move::Remove(place) if place < order.len() => Some(order.remove(place)),
        Move::Up(place) if place > 0 && place < order.len() => {
            order.swap(place, place - 1);
            order.get(place - 1).copied()
        }
        Move::Down(place) if place.saturating_add(1) < order.len() => {
            order.swap(place, place + 1);
            order.get(place + 1).copied()
        }
        Move::Order(ref wanted) => {
            let known = wanted.iter().all(|at| *at < options);
            let once = wanted.iter().enumerate().all(|(i, at)| wanted.iter().skip(i + 1).all(|other| other != at));
            if known && once {
                order.clone_from(wanted);
            }
            None
        }
        _ => None,
    }
}
