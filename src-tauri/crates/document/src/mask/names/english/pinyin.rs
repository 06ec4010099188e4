//! Chinese names in Latin letters: `Xu Zhiyuan`, `Shu-Fen Liao`.

/// Surnames as pinyin and as they are written in Hong Kong and Taiwan; none is an English word that names begin with.
const SURNAMES: &str = "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin gao liang zheng luo song xie \
    tang han cao deng xiao feng zeng cheng cai peng pan yuan yu dong su ye lu jiang tian shi yao tan liao zou xiong jin dai \
    fu fang bai meng qin qiu hou lei qian wei xue duan hao kong shao mao wan gu lai wen ouyang situ chan cheung wong leung \
    tsai hsu chang kwok lam";

/// Whether names are a surname and one or two further words of Chinese syllables, in either order.
pub(super) fn is_name<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let names: Vec<String> = names.take(4).map(str::to_lowercase).collect();
    let surname = |name: &String| SURNAMES.split_whitespace().any(|one| one == name);
    let (Some(first), Some(last)) = (names.first(), names.last()) else {
        return false;
    };
    let given = match (surname(first), surname(last)) {
        (true, _) => &names[1..],
        (_, true) => &names[..names.len() - 1],
        _ => return false,
    };
    (2..=3).contains(&names.len())
        && given.iter().all(|name| {
            let mut parts = name.split('-');
            parts.all(|part| (1..=2).contains(&syllables(part).unwrap_or(0)))
        })
}

/// How many syllables of pinyin a word is made of, if it is.
fn syllables(word: &str) -> Option<usize> {
    // The fewest that end behind each letter.
    let mut fewest: Vec<Option<usize>> = vec![Some(0)];
    for end in 1..=word.len() {
        let ending = |start: usize| {
            let count = fewest[start]?;
            let part = word.get(start..end)?;
            is_syllable(part).then_some(count + 1)
        };
        let best = (end.saturating_sub(LONGEST)..end).filter_map(ending).min();
        fewest.push(best);
    }
    fewest.pop().flatten()
}

/// Letters of the longest syllable, as in Zhuang.
const LONGEST: usize = 6;

fn is_syllable(part: &str) -> bool {
    const FINALS: &str = "a o e ai ei ao ou an en ang eng ong i ia ie iao iu ian in iang ing iong u ua uo uai ui uan un uang ue er";
    let head = ["zh", "ch", "sh"]
        .into_iter()
        .find(|head| part.starts_with(head));
    let length = head.map_or_else(
        || usize::from(part.starts_with(|c| "bpmfdtnlgkhjqxzcsryw".contains(c))),
        str::len,
    );
    FINALS.split_whitespace().any(|one| one == &part[length..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surname_and_syllables_make_a_name() {
        for name in [
            "Xu Zhiyuan",
            "Zhiyuan Xu",
            "Shu-Fen Liao",
            "Wang Wei",
            "Li Xiao Ming",
        ] {
            assert!(is_name(name.split(' ')), "{name}");
        }
        for name in [
            "Xu",
            "Wang Computers",
            "Title Song",
            "Li Bromwich",
            "Wen É",
            "Key Personnel",
        ] {
            assert!(!is_name(name.split(' ')), "{name}");
        }
    }
}
