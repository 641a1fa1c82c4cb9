//! The languages of the page. Every sentence stands in `texts/*.ftl`, none in code or templates; names of candidates and lists come from
//! the manifest and are never translated.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Lang {
    Et,
    En,
    Ru,
    Uk,
    Lv,
}

/// What is put into a sentence.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// A name, or something that is a text already.
    Text(&'a str),
    /// A number; the sentence picks the plural.
    Number(u64),
}

impl Lang {
    /// In the order of the first page.
    pub const ALL: [Self; 5] = [Self::Et, Self::En, Self::Ru, Self::Uk, Self::Lv];

    /// BCP 47.
    pub fn code(self) -> &'static str {
        match self {
            Self::Et => "et",
            Self::En => "en",
            Self::Ru => "ru",
            Self::Uk => "uk",
            Self::Lv => "lv",
        }
    }

    /// The language of this code.
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The first language of an `Accept-Language` header that the page has, by weight; English if it has none.
    pub fn from_browser(header: &str) -> Self {
        let mut wanted: Vec<(f32, Self)> = Vec::new();
        for item in header.split(',') {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).and_then(|q| q.parse().ok()).unwrap_or(1.0);
            if let Some(lang) = tag.split('-').next().and_then(Self::find) {
                wanted.push((weight, lang));
            }
        }
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0)); // stable: of equal weights the first
        wanted.first().map_or(Self::En, |(_, lang)| *lang)
    }

    fn source(self) -> &'static str {
        match self {
            Self::Et => include_str!("../../texts/et.ftl"),
            Self::En => include_str!("../../texts/en.ftl"),
            Self::Ru => include_str!("../../texts/ru.ftl"),
            Self::Uk => include_str!("../../texts/uk.ftl"),
            Self::Lv => include_str!("../../texts/lv.ftl"),
        }
    }

    /// A sentence that nothing is put into.
    pub fn plain(self, key: &str) -> String {
        self.say(key, &[])
    }

    /// A sentence. Names in another direction are isolated, so that they do not turn the sentence around.
    pub fn say(self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let found = BUNDLES.iter().find(|(lang, _)| *lang == self);
        let message = found.and_then(|(_, bundle)| Some((bundle, bundle.get_message(key)?.value()?)));
        let Some((bundle, pattern)) = message else { return key.to_owned() }; // a test says that there is none
        let mut values = FluentArgs::new();
        for (name, value) in args {
            let value = match value {
                Arg::Text(text) if text.chars().any(from_right) => FluentValue::from(format!("\u{2068}{text}\u{2069}")),
                Arg::Text(text) => FluentValue::from(*text),
                Arg::Number(number) => FluentValue::from(*number),
            };
            values.set(*name, value);
        }
        bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

/// Letters of scripts that are written from the right.
fn from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Vec<(Lang, Bundle)>> = LazyLock::new(|| Lang::ALL.into_iter().map(|lang| (lang, bundle(lang))).collect());

fn bundle(lang: Lang) -> Bundle {
    let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false); // only what needs it: people copy what they read
    let resource = FluentResource::try_new(lang.source().to_owned()).unwrap_or_else(|(whole, _)| whole);
    let _ = bundle.add_resource(resource); // a key that is there twice: a test looks
    bundle
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#[path = "texts_tests.rs"]
mod tests;
