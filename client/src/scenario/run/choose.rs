//! Which scenarios and steps are run.

use std::sync::Arc;

use super::Target;
use crate::scenario::Scenario;
use crate::scenario::file::step::{Need, Step};

/// Which scenarios and steps are run.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Parts of names, one of which must be in `FILE > STEP`.
    pub words: Vec<String>,
    /// Tags, one of which the scenario must have.
    pub tags: Vec<String>,
}

/// A scenario and the steps that are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) scenario: Arc<Scenario>,
    /// The file's name without its endings.
    pub(crate) name: String,
    /// The places of the wanted steps.
    pub(crate) steps: Vec<usize>,
}

impl Choice {
    /// The chosen ones; a scenario of which no step is wanted is not among them.
    pub(crate) fn choose(&self, scenarios: &[Arc<Scenario>]) -> Vec<Chosen> {
        let only = scenarios
            .iter()
            .any(|scenario| scenario.steps.iter().any(|step| step.only));
        let tagged = |scenario: &Scenario| {
            self.tags.is_empty() || self.tags.iter().any(|tag| scenario.tags.contains(tag))
        };
        let mut chosen = Vec::new();
        for scenario in scenarios.iter().filter(|scenario| tagged(scenario)) {
            let name = short_name(&scenario.file.path);
            let wanted = |step: &Step| {
                let full = format!("{name} > {}", step.name).to_lowercase();
                let named = self.words.is_empty()
                    || self
                        .words
                        .iter()
                        .any(|word| full.contains(&word.to_lowercase()));
                named && (!only || step.only)
            };
            let steps = scenario
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| wanted(step));
            let steps: Vec<usize> = steps.map(|(place, _)| place).collect();
            if !steps.is_empty() {
                chosen.push(Chosen {
                    scenario: Arc::clone(scenario),
                    name,
                    steps,
                });
            }
        }
        chosen
    }
}

impl Choice {
    /// The chosen ones for a list: the short name, the scenario, its wanted steps.
    pub fn listed<'s>(
        &self,
        scenarios: &'s [Arc<Scenario>],
    ) -> Vec<(String, &'s Scenario, Vec<&'s Step>)> {
        let chosen = self.choose(scenarios);
        let found = chosen.into_iter().filter_map(|chosen| {
            let scenario = scenarios
                .iter()
                .find(|known| Arc::ptr_eq(known, &chosen.scenario))?;
            let steps = chosen
                .steps
                .iter()
                .filter_map(|place| scenario.steps.get(*place));
            Some((chosen.name, &**scenario, steps.collect()))
        });
        found.collect()
    }
}

/// `scenarios/01-export.rolecall.yaml` is `01-export`.
pub(crate) fn short_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .unwrap_or(name);
    name.strip_suffix(".rolecall").unwrap_or(name).to_owned()
}

/// Why a step cannot run on this target, or was taken out by its author.
pub(crate) fn left_out(step: &Step, target: &Target) -> Option<String> {
    if let Some(why) = &step.skip {
        return Some(why.value.clone());
    }
    let embedded = matches!(target, Target::Embedded);
    let needs = step.needs.iter().any(|need| need.value == Need::Embedded);
    (needs && !embedded).then(|| "it needs the embedded server".to_owned())
}
