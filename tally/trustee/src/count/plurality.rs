//! One option a row. Spec: 10-tally, COUNT-2.

/// The number of rows with each option's position. Rows that name none are impossible after DECODE-1, and are left out.
pub fn count(rows: &[u64], options: usize) -> Vec<u64> {
    let mut counts = vec![0; options];
    for row in rows {
        let option = usize::try_from(*row).ok().and_then(|at| counts.get_mut(at));
        option.into_iter().for_each(|n| *n += 1);
    }
    counts
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_positions() {
        assert_eq!(super::count(&[0, 2, 2, 1, 2], 4), [1, 1, 3, 0]);
        assert_eq!(super::count(&[], 2), [0, 0]);
    }
}
