//! Where models on this machine run: chosen in the settings, and shown.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use moqi_lm::{Options, Place};

use crate::App;
use crate::error::{Error, Result};

/// The setting; nothing means automatic.
pub(crate) const SETTING: &str = "device";

/// The choices with their names in the settings, on the command line and in the window.
const CHOICES: [(&str, Place); 3] = [
    ("automatic", Place::Automatic),
    ("processor", Place::Processor),
    ("card", Place::Card),
];

/// Where models run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// `automatic`, `processor` or `card`.
    pub choice: &'static str,
    /// Whether this build of the program can use graphics cards.
    pub cards: bool,
    /// Where the model in memory runs, such as `CPU (AVX-512 VNNI, 7 threads)`; none while none is loaded.
    pub running: Option<String>,
}

/// Where the model that was loaded last runs; every holder sees the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Option<String>>>);

impl Running {
    pub(crate) fn set(&self, device: Option<&str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = device.map(str::to_owned);
    }

    fn get(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A model on this machine, and where it is to run.
#[derive(Debug, Clone)]
pub struct Local {
    /// Its file or folder.
    pub path: PathBuf,
    /// The folder of the adapter it is used with.
    pub adapter: Option<PathBuf>,
    /// Whether that is put into the weights; else it is computed beside them.
    pub merge: bool,
    pub(crate) place: Place,
    pub(crate) running: Running,
}

impl Local {
    /// Loads it.
    pub(crate) fn load(&self) -> Result<moqi_lm::Base> {
        let options = Options {
            threads: None,
            place: self.place,
        };
        let base =
            moqi_lm::Base::load_with(&self.path, &options).map_err(crate::model::as_error)?;
        self.running.set(Some(&base.info().device));
        let Some(folder) = &self.adapter else {
            return Ok(base);
        };
        moqi_lm::Adapter::load(&base, folder)
            .and_then(|adapter| match self.merge {
                true => base.merged(&adapter),
                false => base.adapted(&adapter),
            })
            .map_err(crate::adapters::as_error)
    }
}

/// Reads the name of a choice.
pub(crate) fn parse(name: &str) -> Result<Place> {
    let found = CHOICES.iter().find(|(known, _)| *known == name);
    found.map(|(_, place)| *place).ok_or_else(|| {
        Error::input(
            format!("没有名为“{name}”的运算设备。"),
            format!("There is no device “{name}”."),
        )
        .hint(
            "可选：automatic（自动）、processor（处理器）、card（显卡）。",
            "There are: automatic, processor, card.",
        )
    })
}

impl App {
    /// Where models run.
    pub fn device(&self) -> Result<Device> {
        let place = self.device_place()?;
        let named = CHOICES.iter().find(|(_, known)| *known == place);
        Ok(Device {
            choice: named.map_or(CHOICES[0].0, |(name, _)| name),
            cards: cfg!(any(feature = "cuda", feature = "metal")),
            running: self.running.get(),
        })
    }

    /// Chooses where models run, from the next one that is loaded; the chosen model is loaded again at once.
    ///
    /// # Errors
    /// A name that is none of the choices, or a card in a build that cannot use any.
    pub fn set_device(&self, name: &str) -> Result<Device> {
        let place = parse(name)?;
        if place == Place::Card && !self.device()?.cards {
            return Err(Error::input(
                "此版本的程序不能使用显卡。",
                "This build of the program cannot use graphics cards.",
            )
            .hint(
                "请使用支持显卡的版本（见 README），或选择自动。",
                "Use a build for graphics cards (see the README), or choose automatic.",
            ));
        }
        self.set_setting(SETTING, name)?;
        self.warm_up();
        self.device()
    }

    fn device_place(&self) -> Result<Place> {
        self.setting(SETTING)?
            .map_or(Ok(Place::default()), |name| parse(&name))
    }

    /// A model of this machine with the setting of today.
    pub(crate) fn local(&self, path: PathBuf) -> Result<Local> {
        Ok(Local {
            path,
            adapter: None,
            merge: false,
            place: self.device_place()?,
            running: self.running.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;
    use crate::models::{add, tiny_model};

    #[test]
    fn a_device_is_set_kept_used_and_shown() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        let app = App::open(home.clone(), crate::Language::En).unwrap();
        assert_eq!(app.device().unwrap().choice, "automatic");
        assert_eq!(app.set_device("processor").unwrap().choice, "processor");
        assert_eq!(
            app.set_device("abacus").unwrap_err().code,
            crate::Code::BadInput
        );
        let file = tiny_model::write(&folder, &tiny_model::parts("llama", 1).bytes().1);
        let id = add(&home, &file, &mut |_, _| true).unwrap().entry.id;
        let again = App::open(home, crate::Language::En).unwrap();
        assert_eq!(again.device().unwrap().choice, "processor");
        assert_eq!(again.device().unwrap().running, None);
        let ranked = again
            .base(&id)
            .unwrap()
            .choose("a", &["b".into(), "c".into()])
            .unwrap();
        assert!((ranked.iter().map(|one| one.share).sum::<f64>() - 1.0).abs() < 1e-6);
        assert!(ranked[0].share >= ranked[1].share && ranked[0].text != ranked[1].text);
        let running = again.device().unwrap().running.unwrap();
        assert!(running.starts_with("CPU ("), "{running}");
    }

    #[cfg(not(any(feature = "cuda", feature = "metal")))]
    #[test]
    fn a_build_without_cards_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        let app = App::open(home, crate::Language::En).unwrap();
        let error = app.set_device("card").unwrap_err();
        assert!(
            error.message.en.contains("cannot use graphics cards"),
            "{error}"
        );
        assert_eq!(app.device().unwrap().choice, "automatic");
    }
}
