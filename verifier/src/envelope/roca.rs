//! The mark of a broken generator of RSA keys. Spec: 07c-evidence, ENV-19.

const PRIMES: [u8; 20] = [3, 5, 7, 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Is the modulus, the highest byte first, a power of 65537 modulo every one of the primes?
pub fn is_marked(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let prime = u32::from(*prime);
        let rest = |sum: u32| sum.checked_rem(prime).unwrap_or(0);
        let found = modulus.iter().fold(0, |sum: u32, byte| rest((sum << 8) | u32::from(*byte)));
        let powers = std::iter::successors(Some(1), |power: &u32| Some(rest(power.saturating_mul(rest(65_537)))));
        powers.take(usize::from(u8::MAX)).any(|power| power == found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number, the lowest byte first, times a small one and plus a small one.
    fn step(number: &mut Vec<u8>, times: u32, plus: u32) {
        let mut carry = plus;
        for byte in number.iter_mut() {
            carry += u32::from(*byte) * times;
            *byte = (carry & 0xFF) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            number.push((carry & 0xFF) as u8);
            carry >>= 8;
        }
    }

    fn marked(number: &[u8]) -> bool {
        is_marked(&number.iter().rev().copied().collect::<Vec<_>>())
    }

    #[test]
    fn powers_have_the_mark_and_no_prime_may_be_left_out() {
        let mut number = vec![1];
        for _ in 0..128 {
            assert!(marked(&number));
            step(&mut number, 65_537, 0);
        }
        for left_out in PRIMES {
            // Adding the product of the others changes the rest modulo this one alone, to each of its values.
            let mut product = vec![1];
            PRIMES.iter().filter(|prime| **prime != left_out).for_each(|prime| step(&mut product, u32::from(*prime), 0));
            let mut sums = vec![number.clone()];
            for _ in 1..left_out {
                let mut sum = sums.last().unwrap().clone();
                let mut carry = 0;
                for (position, byte) in sum.iter_mut().enumerate() {
                    carry += u16::from(*byte) + u16::from(product.get(position).copied().unwrap_or(0));
                    *byte = carry as u8;
                    carry >>= 8;
                }
                sums.push(sum);
            }
            assert!(sums.iter().any(|sum| !marked(sum)), "{left_out}");
        }
    }
}
