//! Which automatic versions go with age.

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// Versions of one span are alike enough that the newest stands for all.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Stretch {
    /// Each stands for itself.
    Moment,
    Hour(i64),
    Day(i64),
    /// Thirty days.
    Month(i64),
}

fn stretch(now: i64, at: i64) -> Stretch {
    // A clock that was set back makes versions of the future; they are young.
    match now.saturating_sub(at) {
        age if age < HOUR => Stretch::Moment,
        age if age < DAY => Stretch::Hour(at.div_euclid(HOUR)),
        age if age < 30 * DAY => Stretch::Day(at.div_euclid(DAY)),
        _ => Stretch::Month(at.div_euclid(30 * DAY)),
    }
}

/// Of the times of one document's automatic versions, newest first, those that go: all of the last hour stay, then the
/// last of each hour for a day, of each day for thirty days, of each thirty days before that. Times are Unix
/// milliseconds; hours and days are those of UTC.
pub(crate) fn going(now: i64, newest_first: &[i64]) -> Vec<usize> {
    let mut kept = None;
    let mut going = Vec::new();
    for (index, at) in newest_first.iter().enumerate() {
        let stretch = stretch(now, *at);
        if stretch != Stretch::Moment && kept == Some(stretch) {
            going.push(index);
        } else {
            kept = Some(stretch);
        }
    }
    going
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * 1000;

    /// The ages that stay, of these ages.
    fn stay(now: i64, ages: &[i64]) -> Vec<i64> {
        let times: Vec<i64> = ages.iter().map(|age| now - age).collect();
        let going = going(now, &times);
        (0..ages.len())
            .filter(|index| !going.contains(index))
            .map(|index| ages[index])
            .collect()
    }

    #[test]
    fn the_older_the_fewer() {
        // Midnight after 3,000 days, so that hours, days and thirty days end here.
        let now = 3000 * DAY;
        assert_eq!(
            stay(now, &[0, 1, MINUTE, HOUR - 1]),
            [0, 1, MINUTE, HOUR - 1],
            "all of the last hour"
        );
        assert_eq!(
            stay(
                now,
                &[HOUR + 1, HOUR + MINUTE, 2 * HOUR, 2 * HOUR + 1, 3 * HOUR]
            ),
            [HOUR + 1, 2 * HOUR + 1],
            "one for each hour: the newest"
        );
        assert_eq!(
            stay(now, &[DAY + 1, DAY + HOUR, 2 * DAY, 2 * DAY + 1, 9 * DAY]),
            [DAY + 1, 2 * DAY + 1, 9 * DAY],
            "one for each day"
        );
        assert_eq!(
            stay(
                now,
                &[30 * DAY + 1, 40 * DAY, 60 * DAY, 60 * DAY + 1, 80 * DAY]
            ),
            [30 * DAY + 1, 60 * DAY + 1],
            "one for each thirty days"
        );
        assert_eq!(stay(now, &[-DAY, -1, 0]), [-DAY, -1, 0], "of the future");
        assert_eq!(stay(now, &[]), [0; 0]);
        assert_eq!(going(i64::MAX, &[i64::MAX, 0, i64::MIN]), [0; 0]);
    }

    #[test]
    fn a_year_of_saves_every_ten_minutes_leaves_a_few_dozen() {
        let start = 20_000 * DAY;
        let mut times: Vec<i64> = Vec::new();
        let mut now = start;
        while now < start + 365 * DAY {
            now += 10 * MINUTE;
            times.insert(0, now);
            let going = going(now, &times);
            assert!(!going.contains(&0), "the newest stays");
            let mut index = 0;
            times.retain(|_| {
                index += 1;
                !going.contains(&(index - 1))
            });
        }
        // 6 of the last hour, 23 hours, 29 days, 12 months, give or take one at each seam.
        assert!((66..=74).contains(&times.len()), "{} stay", times.len());
        // No stretch of the first month back is empty.
        let newest_of_the_month: Vec<i64> = times
            .iter()
            .map(|at| now - at)
            .filter(|age| *age < 29 * DAY)
            .collect();
        assert!(
            newest_of_the_month
                .windows(2)
                .all(|pair| pair[1] - pair[0] <= 2 * DAY)
        );
        assert!(going(now, &times).is_empty(), "again takes nothing");
    }
}
