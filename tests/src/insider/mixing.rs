//! Mixes, honest and of any content. Spec: 09-mixing.

use super::Insider;
use super::shuffler::Shuffler;
use ballot::Ciphertext;
use ballot::encode::{Record, sha256};
use board::PostKind;
use std::sync::LazyLock;
use trustee::mix::{Bases, KeyTables, Mix, Statement};

/// The library's bases.
pub static BASES: LazyLock<Bases> = LazyLock::new(Bases::default);

impl Insider {
    /// Every unit through all required stages: mixer 1, then 2, ….
    pub fn mixes(&mut self) {
        let required = self.manifest.description().mixers.required as u16;
        for unit in self.mixed_units() {
            for mixer in 1..=required {
                self.mix(unit, mixer);
            }
        }
    }

    /// Numbers of the units that are mixed.
    pub fn mixed_units(&self) -> Vec<usize> {
        (0..self.units.len()).filter(|u| self.units[*u].is_mixed && !self.units[*u].rows.is_empty()).collect()
    }

    /// The next stage of a unit, honestly; gives the index of the post.
    pub fn mix(&mut self, unit: usize, mixer: u16) -> usize {
        let mix = self.make_mix(unit, mixer);
        self.post_mix(mix, mixer)
    }

    /// An honest mix of a unit's present rows.
    pub fn make_mix(&mut self, unit: usize, mixer: u16) -> Mix {
        let stage = self.units[unit].mixes.len() as u16 + 1;
        let rows = self.units[unit].rows.clone();
        self.make_mix_of(&rows, unit, stage, mixer)
    }

    /// An honest mix of any rows.
    pub fn make_mix_of(&mut self, inputs: &[Ciphertext], unit: usize, stage: u16, mixer: u16) -> Mix {
        let mut rng = self.rng();
        let (key, counted) = (&self.keys().set.key, self.closed.expect("after the closing entry").counted);
        let width = self.units[unit].width;
        let election = self.id();
        let statement = Statement { election: &election, key, counted: &counted, unit: unit as u32, stage, mixer, width, inputs };
        statement.mix(&BASES, &KeyTables::new(key, width), &mut rng).expect("an honest mix")
    }

    /// Posts a mix, and takes its output for the next stage and the stage hash.
    pub fn post_mix(&mut self, mix: Mix, mixer: u16) -> usize {
        let bytes = mix.to_bytes();
        let index = self.post(PostKind::Mix, mixer, &bytes);
        let unit = &mut self.units[mix.head.unit as usize];
        unit.rows = mix.outputs.clone();
        unit.stage = Some(sha256(&bytes));
        unit.mixes.push(mix);
        index
    }

    /// A prover for the next stage of a unit.
    pub fn shuffler(&self, unit: usize, mixer: u16) -> Shuffler {
        let of = &self.units[unit];
        Shuffler::new(self.id(), &self.keys().set.key, self.closed.expect("after the closing entry").counted, of, mixer)
    }
}
