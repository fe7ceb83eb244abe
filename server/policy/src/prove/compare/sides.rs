//! The resources of one case, and whether some of them are beyond what is held.
//!
//! A policy variable is a character of its own, so that the same variable in both documents is the same unknown
//! text. That is right for "is covered by", since whatever stands there stands there on both sides, and it is wrong
//! for "have nothing in common", where variables stand for any text.

use super::super::actions::Class;
use super::super::question::Question;
use super::super::search::{self, TooLarge};
use super::super::set::{Pool, Set};
use super::super::word::{ANY, Bound, Item, VARIABLE, Word};
use crate::action::ResourcePattern;
use crate::pattern::Step;
use crate::{Context, Statement};

/// Which of two documents.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    New,
    Existing,
}

/// One caller, one action, one choice of facts.
pub(super) struct Compared<'c, 'q> {
    pub(super) question: &'c Question<'q>,
    pub(super) class: &'c Class,
    /// The Allow that is looked at.
    pub(super) statement: &'c Statement,
    /// What its own document denies.
    pub(super) denied: Vec<&'c Statement>,
    /// What the other document allows.
    pub(super) held: Vec<&'c Statement>,
    /// What the other document denies.
    pub(super) withheld: Vec<&'c Statement>,
}

/// How variables are read, and which side the answer may err on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As unknown texts; at most what a statement covers.
    Most,
    /// As unknown texts; at least what a statement covers.
    Least,
    /// Any text at all.
    Any,
    /// No text at all.
    None,
}

/// The characters for variables.
#[derive(Default)]
pub(super) struct Letters(Vec<String>);

impl Letters {
    /// A variable with a default is another one in every pattern.
    pub(super) fn of(&mut self, key: &str, pattern: &str) -> char {
        let name = if pattern.contains('\'') {
            format!("{key} in {pattern}")
        } else {
            key.to_ascii_lowercase()
        };
        let at = self.0.iter().position(|known| *known == name);
        let at = at.unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        });
        let code = u32::try_from(at).unwrap_or(0xfffd).min(0xfffd);
        char::from_u32(0xf_0000 + code).unwrap_or('\u{ffffd}')
    }

    /// Whether there was no variable.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text with the variables written out.
    fn show(&self, text: &str) -> String {
        let mut shown = String::new();
        for character in text.chars() {
            let at = u32::from(character).checked_sub(0xf_0000);
            let name = at
                .and_then(|at| usize::try_from(at).ok())
                .and_then(|at| self.0.get(at));
            match name {
                Some(name) => {
                    let key = name.split(' ').next().unwrap_or_default();
                    shown.push_str(&format!("${{{key}}}"));
                }
                None => shown.push(character),
            }
        }
        shown
    }
}

impl Compared<'_, '_> {
    /// A resource that the statement grants and the other document does not.
    pub(super) fn beyond(&self) -> Result<Option<String>, TooLarge> {
        let (mut pool, mut letters) = (Pool::default(), Letters::default());
        let mut set =
            |statement: &Statement, reading| resources(statement, reading, &mut pool, &mut letters);
        let all =
            |list: &[&Statement], reading, set: &mut dyn FnMut(&Statement, Reading) -> Set| {
                Set::any(list.iter().map(|statement| set(statement, reading)))
            };
        let granted = set(self.statement, Reading::Most);
        let held = all(&self.held, Reading::Least, &mut set);
        let denied = all(&self.denied, Reading::Least, &mut set);
        let uncovered = granted.except(held).except(denied.clone());
        // A Deny of the other document that is not repeated here.
        let any = set(self.statement, Reading::Any);
        let withheld = all(&self.withheld, Reading::Any, &mut set);
        let sure = all(&self.denied, Reading::None, &mut set);
        let freed = any.and(withheld).except(sure);
        let lifted = all(&self.withheld, Reading::Most, &mut set).except(denied);
        if let Some(found) = super::shown(self, &mut pool, &uncovered)? {
            return Ok(Some(letters.show(&found)));
        }
        match super::shown(self, &mut pool, &freed)? {
            Some(found) if letters.is_empty() || search::shortest(&pool, &lifted)?.is_some() => {
                Ok(Some(letters.show(&found)))
            }
            _ => Ok(None),
        }
    }

    /// A resource among some that the statement grants.
    pub(super) fn among(&self, patterns: &[&str]) -> Result<Option<String>, TooLarge> {
        let (mut pool, mut letters) = (Pool::default(), Letters::default());
        let granted = resources(self.statement, Reading::Any, &mut pool, &mut letters);
        let denied = Set::any(
            self.denied
                .iter()
                .map(|it| resources(it, Reading::None, &mut pool, &mut letters)),
        );
        let asked = super::asked(&mut pool, patterns);
        super::shown(self, &mut pool, &Set::all([granted, asked, denied.not()]))
    }
}

/// What a statement is about.
fn resources(
    statement: &Statement,
    reading: Reading,
    pool: &mut Pool,
    letters: &mut Letters,
) -> Set {
    let Some(element) = &statement.resource else {
        return Set::Everything;
    };
    // What NotResource leaves out at most is what it covers at least; unknown texts are of no use there.
    let inner = match (element.negated, reading) {
        (false, reading) => reading,
        (true, Reading::Most | Reading::Any) => Reading::None,
        (true, Reading::Least | Reading::None) => Reading::Any,
    };
    let listed =
        Set::any(element.list.iter().map(|pattern| {
            word(pattern, inner, letters).map_or(Set::Nothing, |word| pool.add(word))
        }));
    if element.negated {
        listed.not()
    } else {
        listed
    }
}

fn word(pattern: &ResourcePattern, reading: Reading, letters: &mut Letters) -> Option<Word> {
    let bound = match reading {
        Reading::Any => Bound::May,
        Reading::None => Bound::Sure,
        Reading::Most | Reading::Least => {
            let mut items = Vec::new();
            for step in pattern.pattern.steps() {
                match step {
                    Step::Text(text) => items.extend(text.chars().map(Item::Char)),
                    // An unknown text need not be one character long.
                    Step::One => items.push(Item::One(ANY & !VARIABLE)),
                    Step::Many => items.push(Item::Many(ANY)),
                    Step::Variable(key) => {
                        items.push(Item::Char(letters.of(key, &pattern.text)));
                    }
                }
            }
            items.dedup_by(|next, before| *next == Item::Many(ANY) && *before == *next);
            return Some(Word(items));
        }
    };
    Word::of(&pattern.pattern, &Context::new(), bound)
}
