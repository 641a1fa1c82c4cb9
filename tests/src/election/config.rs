//! What the committee writes before an election.

use super::{Asked, Setup, now};
use ballot::manifest::Rule;

/// The readable file that `tally new` reads.
pub fn config(setup: &Setup) -> String {
    let public = |role: &str, n: usize| (1..=n).map(|i| format!("\"keys/{role}-{i}.public.json\"")).collect::<Vec<_>>().join(", ");
    let mut out = format!(
        "title = {:?}\nkind = {:?}\nk_min = {}\n\n[voting]\nfrom = {}\nuntil = {}\n\n[committee]\nquorum = 2\nmembers = [{}]\n\n\
         [collector]\nkey = \"keys/collector.public.json\"\n\n[trustees]\nthreshold = {}\nmembers = [{}]\n\n[mixers]\nrequired = {}\nmembers = [{}]\n\n\
         [witnesses]\nquorum = {}\nfaulty = 0\nmembers = [{}]\n\n[eid]\nprofile = {:?}\nanchors = [\"anchor.pem\"]\n\n[board]\nbatch_seconds = 1\nbatch_smallest = 1\n\n\
         [check]\nminutes = 30\nreleases = 3\n",
        setup.title,
        if setup.practice { "practice" } else { "election" },
        setup.k_min,
        now() - 3600,
        now() + 7 * 86_400,
        public("committee", 3),
        setup.threshold,
        public("trustee", setup.trustees),
        setup.required,
        public("mixer", setup.mixers),
        setup.witnesses,
        public("witness", setup.witnesses),
        setup.profile,
    );
    if setup.services != Asked::Nothing {
        let nonce = setup.services == Asked::Each;
        let policy = crate::services::STAMP_POLICY;
        out += &format!("\n[eid.ocsp]\nnonce = {nonce}\nage = 3600\nclock = 60\n");
        out += &format!("\n[eid.stamp]\nanchors = [\"stamp-root.pem\"]\npolicies = [{policy:?}]\nseconds = 600\nclock = 60\n");
    }
    if setup.vis3.is_some() {
        return out;
    }
    for (id, title) in &setup.districts {
        out += &format!("\n[[districts]]\nid = {id:?}\ntitle = {title:?}\n");
    }
    for contest in &setup.contests {
        let rule = match contest.rule {
            Rule::Choose { min, max, blank } => format!("{{ kind = \"choose\", min = {min}, max = {max}, blank = {blank} }}"),
            Rule::Approve {} => "{ kind = \"approve\" }".into(),
            Rule::Score { most } => format!("{{ kind = \"score\", most = {most} }}"),
            Rule::Budget { total } => format!("{{ kind = \"budget\", total = {total} }}"),
            Rule::List {} => "{ kind = \"list\" }".into(),
            Rule::Rank { places } => format!("{{ kind = \"rank\", places = {places} }}"),
        };
        out += &format!("\n[[contests]]\nid = {:?}\ntitle = {:?}\nrule = {rule}\n", contest.id, contest.title);
        out += "options = [\n";
        for (id, title, group) in &contest.options {
            out += &format!("  {{ id = {id:?}, title = {title:?}, group = {group:?} }},\n");
        }
        out += "]\n";
    }
    out
}
