//! Roll, opening, ballots: honest ones, and ballots with any nonces and any proof. Spec: 06-ballot, 07-casting.

use super::{Cast, Insider};
use crate::plan::{Action, Line, Voter};
use ballot::ballot::{OpenedBallot, Part, Seed};
use ballot::encode::{Point, Reader, Record, hash};
use ballot::manifest::StyleItem;
use ballot::proof::{Nonces, Statement};
use ballot::{Ballot, Ciphertext, Context, Hash, RistrettoPoint, Scalar, Selection, Transcript};
use board::replay::ballot_district;
use board::roll::{Roll, RollLine, pseudonym};
use board::{Entry, OrderKind};
use trustee::counted::BallotFacts;

/// What stands in a batch.
#[derive(Clone, Debug)]
pub enum Item {
    /// A ballot, as bytes.
    Cast(Vec<u8>),
    /// A challenged ballot, as bytes.
    Opened(Vec<u8>),
}

/// Person code of the `n`th voter.
pub fn code(n: usize) -> String {
    format!("PNOEE-{:011}", 60_000_000_000 + n)
}

impl Insider {
    /// Pseudonym of the `n`th voter, whether or not it is on the roll.
    pub fn voter(&self, n: usize) -> Hash {
        pseudonym(&self.id(), &hash("blinding", &[&(n as u64).to_be_bytes()]), &code(n))
    }

    /// `n` voters, spread over the districts, as the roll's lines.
    pub fn enrol(&mut self, n: usize) {
        let districts = self.manifest.description().districts.len();
        for v in 0..n {
            self.enrol_in(v, v % districts);
        }
    }

    /// Puts one voter on the roll.
    pub fn enrol_in(&mut self, voter: usize, district: usize) {
        self.lines.push(RollLine { pseudonym: self.voter(voter), district: district as u16 });
        self.plan_for(voter, district);
    }

    /// Lets the plan know a voter.
    pub fn plan_for(&mut self, voter: usize, district: usize) {
        let id = self.manifest.description().districts[district].id.clone();
        self.plan.voters.push(Voter { code: code(voter), district: id });
    }

    /// The order *roll* over the lines.
    pub fn roll(&mut self) -> usize {
        let roll = Roll::new(self.lines.clone()).expect("nobody twice");
        self.lines = roll.lines().to_vec();
        self.order(OrderKind::Roll, 0, roll.tree().root(), Some(&roll.to_bytes()))
    }

    /// The order *open* for the key that the trustees hold.
    pub fn open(&mut self) -> usize {
        let id = self.keys().set.key.id();
        self.order(OrderKind::Open, 0, id, None)
    }

    /// District of a voter by the roll's lines; the first for nobody.
    pub fn district_of(&self, voter: &Hash) -> usize {
        self.lines.iter().find(|l| l.pseudonym == *voter).map_or(0, |l| l.district.into())
    }

    /// What the voter's next ballot stands behind.
    pub fn next_context(&self, voter: usize) -> Context {
        let voter = self.voter(voter);
        match self.casts.iter().filter(|c| c.facts.voter == voter).max_by_key(|c| c.facts.number) {
            Some(last) => Context { voter, number: last.facts.number + 1, previous: last.facts.hash },
            None => Context { voter, number: 1, previous: [0; 32] },
        }
    }

    /// The voter's next ballot.
    pub fn ballot(&mut self, voter: usize, selections: &[Vec<u32>]) -> Ballot {
        self.opened_ballot(self.next_context(voter), selections).ballot
    }

    /// A ballot with its seed, in the district that the roll has for its voter.
    pub fn opened_ballot(&mut self, context: Context, selections: &[Vec<u32>]) -> OpenedBallot {
        let district = self.district_of(&context.voter);
        self.opened_ballot_in(district, context, selections)
    }

    /// A ballot with its seed in any district.
    pub fn opened_ballot_in(&mut self, district: usize, context: Context, selections: &[Vec<u32>]) -> OpenedBallot {
        let seed = Seed::new(&mut self.rng(), &[1; 32], &self.id(), &context);
        let selections: Vec<Selection> = selections.iter().map(|m| Selection(m.clone())).collect();
        let ballot = self.styles()[district].encrypt(&context, &selections, &seed).expect("selections that the rule allows");
        OpenedBallot { ballot, seed, selections }
    }

    /// Casts honest ballots in one batch, and notes what the voters mean.
    pub fn cast(&mut self, votes: &[(usize, Vec<Vec<u32>>)]) -> usize {
        let items = votes.iter().map(|(voter, selections)| {
            self.note(*voter, Action::Cast, selections);
            let ballot = self.ballot(*voter, selections);
            self.casts.push(Cast { facts: BallotFacts::new(0, &ballot), parts: vec![] }); // for the next context; again in `batch`
            Item::Cast(ballot.bytes().to_vec())
        });
        let items: Vec<Item> = items.collect();
        self.casts.retain(|c| !c.parts.is_empty());
        self.batch(items)
    }

    /// An honest challenge.
    pub fn challenge(&mut self, voter: usize, selections: &[Vec<u32>]) -> Item {
        self.note(voter, Action::Challenge, selections);
        let context = self.next_context(voter);
        Item::Opened(self.opened_ballot(context, selections).to_bytes())
    }

    /// Notes in the plan what a voter means.
    pub fn note(&mut self, voter: usize, action: Action, selections: &[Vec<u32>]) {
        let district = self.district_of(&self.voter(voter));
        if let (Action::Cast, Some(planned)) = (action, self.plan.voters.iter_mut().find(|v| v.code == code(voter))) {
            planned.district.clone_from(&self.manifest.description().districts[district].id); // where the last ballot counts
        }
        let items = self.manifest.style(district).iter().zip(selections);
        let choice =
            |(item, m): (&StyleItem, &Vec<u32>)| (self.manifest.contest(*item).expect("a contest").0.id.clone(), String::new(), m.clone());
        let choices = items.map(choice).collect();
        self.plan.lines.push(Line { code: code(voter), action, choices });
    }

    /// A batch at the next tick, sorted; gives the index of its entry. What reads as a ballot is in the insider's count.
    pub fn batch(&mut self, items: Vec<Item>) -> usize {
        self.clock += 1;
        self.batch_at(self.clock, items)
    }

    /// The same with any time.
    pub fn batch_at(&mut self, time: u64, mut items: Vec<Item>) -> usize {
        items.sort_by_key(|item| self.hash_of(item));
        self.batch_as_is(time, items)
    }

    /// The same in the order given.
    pub fn batch_as_is(&mut self, time: u64, items: Vec<Item>) -> usize {
        let index = self.push(&Entry::Batch { time, count: items.len() as u32 });
        for item in items {
            match item {
                Item::Cast(bytes) => {
                    self.casts.extend(self.read_cast(&bytes));
                    let envelope = self.envelopes.get(&hash("ballot", &[&bytes])).copied();
                    let envelope = envelope.unwrap_or_else(|| hash("envelope", &[&bytes]));
                    self.push(&Entry::Ballot { envelope, ballot: bytes });
                }
                Item::Opened(opened) => _ = self.push(&Entry::Challenged { opened }),
            }
        }
        index
    }

    /// The ballot hash of what stands in a batch.
    pub fn hash_of(&self, item: &Item) -> Hash {
        match item {
            Item::Cast(bytes) => hash("ballot", &[bytes]),
            Item::Opened(bytes) => {
                let length = ballot_district(bytes).map_or(0, |d| self.manifest.ballot_len(d));
                hash("ballot", &[bytes.get(..length).unwrap_or(bytes)])
            }
        }
    }

    /// Reads a ballot without judging it; nothing if its ciphertexts are no points.
    pub fn read_cast(&self, bytes: &[u8]) -> Option<Cast> {
        let district = ballot_district(bytes).filter(|d| *d < self.manifest.description().districts.len())?;
        let mut input = Reader::new(bytes.get(68..)?);
        let (voter, number, previous) = (input.array().ok()?, input.u32().ok()?, input.array().ok()?);
        let mut parts = Vec::new();
        for item in self.manifest.style(district) {
            let shape = self.manifest.shape(*item)?;
            parts.push(Ciphertext { pad: input.point().ok()?, columns: input.points(shape.width()).ok()? });
            input.bytes(32 * (9 + shape.bits().len())).ok()?;
        }
        Some(Cast {
            facts: BallotFacts { entry: self.entries.len() as u64, hash: hash("ballot", &[bytes]), voter, district, number, previous },
            parts,
        })
    }

    /// The transcript of one part up to `previous`, by the label table.
    pub fn part_transcript(&self, context: &Context, district: usize, part: usize) -> Transcript {
        let item = self.manifest.style(district)[part];
        let (contest, _) = self.manifest.contest(item).expect("a contest");
        let shape = self.manifest.shape(item).expect("a shape");
        let key = &self.keys().set.key;
        let mut t = Transcript::new("ballot");
        t.append("election", &self.id());
        t.append("key", &key.id());
        t.append("contest", contest.id.as_bytes());
        t.append("district", self.manifest.description().districts[district].id.as_bytes());
        t.append("shape", shape.encoding());
        t.append_points("H", key.first(shape.width()));
        t.append("voter", &context.voter);
        t.append_u64("number", context.number.into());
        t.append("previous", &context.previous);
        t
    }

    /// A part that a cunning client makes: `m` are the encrypted numbers, `bits` those that the proof is about; with a nonce of its own
    /// choice if it likes. `change` may turn the ciphertext before the proof is made for it.
    pub fn cunning_part(
        &mut self,
        context: &Context,
        (district, part): (usize, usize),
        (m, bits): (&[Scalar], &[u8]),
        nonce: Option<Scalar>,
        change: impl FnOnce(&mut Ciphertext),
    ) -> Part {
        let mut t = self.part_transcript(context, district, part);
        let style = self.styles().remove(district);
        let shape = style.shapes().nth(part).expect("a part").clone();
        let h = self.keys().set.key.first(shape.width()).to_vec();
        let mut private = t.clone();
        private.append("seed", &hash("cunning", &[&self.draws.to_be_bytes(), &context.voter, &[part as u8]]));
        let mut nonces = Nonces::draw(&mut private, &shape);
        nonces.r = nonce.unwrap_or(nonces.r);
        let column = |(m, h): (&Scalar, &Point)| Point::from_point(RistrettoPoint::mul_base(m) + nonces.r * h.point()).expect("a point");
        let pad = Point::from_point(RistrettoPoint::mul_base(&nonces.r)).expect("a point");
        let mut ciphertext = Ciphertext { pad, columns: m.iter().zip(&h).map(column).collect() };
        change(&mut ciphertext);
        let statement = Statement { shape: &shape, h: &h, p: style.bases(), a: &ciphertext.pad, b: &ciphertext.columns };
        let proof = statement.prove(bits, &nonces, &mut t).expect("no identity");
        Part { ciphertext, proof }
    }

    /// The bits of a selection in one part of a district's ballot.
    pub fn bits(&self, district: usize, part: usize, m: &[u32]) -> Vec<u8> {
        let shape = self.manifest.shape(self.manifest.style(district)[part]).expect("a shape");
        shape.bits_of(&Selection(m.to_vec())).expect("an allowed selection")
    }
}
