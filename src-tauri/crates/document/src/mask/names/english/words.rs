//! Words with a capital that are no part of a person’s name, and words that persons stand beside.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A list of words that is asked often.
struct List(LazyLock<HashSet<&'static str>>);

impl List {
    fn has(&self, low: &str) -> bool {
        self.0.contains(low)
    }
}

macro_rules! list {
    ($name:ident, $words:expr) => {
        static $name: List = List(LazyLock::new(|| $words.split_whitespace().collect()));
    };
}

/// Whether a word only leads into a sentence, so that a name may follow: `If Marek`, `Neither Smith`.
pub(super) fn leads_in(low: &str) -> bool {
    LEADING.has(low)
}

/// Whether a word is one of contracts, of a calendar or of a map, and none of a name.
pub(super) fn is_common(low: &str) -> bool {
    COMMON.has(low) || LEADING.has(low) || is_role(low) || PLACES.has(low) || BODIES.has(low)
}

/// Whether a word says who somebody is: an office, a side, a relation. Its name may stand on either side of it.
pub fn is_role(low: &str) -> bool {
    let is_one = |word: String| ROLES.has(&word);
    // Of several parts the last or the first is many: `co-founders`, `attorneys-in-fact`.
    let first = |(head, rest): (&str, &str)| Some(format!("{}-{rest}", singular(head)?));
    ROLES.has(low)
        || singular(low).is_some_and(is_one)
        || low.split_once('-').and_then(first).is_some_and(is_one)
}

/// What a word is the plural of, by its ending: `beneficiaries`, `witnesses`, `chairmen`.
fn singular(low: &str) -> Option<String> {
    const ENDS: [(&str, &str); 5] = [
        ("ies", "y"),
        ("wives", "wife"),
        ("sses", "ss"),
        ("men", "man"),
        ("s", ""),
    ];
    let mut ends = ENDS.into_iter();
    let (stem, end) = ends.find_map(|(many, one)| Some((low.strip_suffix(many)?, one)))?;
    Some(format!("{stem}{end}"))
}

/// Whether a word makes what stands before it the name of a body, a street or a law.
pub fn is_body(low: &str) -> bool {
    BODIES.has(low)
}

/// Whether a word is the name of a place.
pub(super) fn is_place(low: &str) -> bool {
    PLACES.has(low)
}

/// The weight of a verb for what follows it: 3 where it is done to persons, 2 where it is done to companies as well.
pub(super) fn leads_to_person(low: &str) -> i32 {
    match (STRONG.has(low), DEEDS.has(low)) {
        (true, _) => 3,
        (_, true) => 2,
        _ => 0,
    }
}

/// Whether a word says who somebody is in a family: its name may be a given name alone.
pub(super) fn is_kin(low: &str) -> bool {
    KIN.has(low)
}

/// Whether something that is done by somebody is done by a person.
pub(super) fn is_signed(low: &str) -> bool {
    SIGNED.has(low)
}

/// Whether a word is what persons do, behind their name.
pub(super) fn follows_person(low: &str) -> bool {
    ACTS.has(low)
}

list!(
    LEADING,
    "the this that these those each any all an a if in by for to with between among amongst party such no either neither
    and or of on upon from at as but when where whereas while after before during until unless under whether both nor
    not is are was be been it its his her their our your my we he she they you i who whom whose which what there here
    then thereafter hereafter hereby hereto thereto herein therein hereof thereof hereunder thereunder so also only
    further furthermore however moreover accordingly therefore although though because since should shall will may
    must can could would has have had do does did notwithstanding except including include includes pursuant subject
    without within into onto over per via than through throughout against about above below given provided said same
    other others another every some many more most one two three four five six seven eight nine ten first second third
    now know once attn re see yes upon following failing absent yours sincerely"
);

list!(
    ROLES,
    "president director manager secretary treasurer chairman chairwoman chair chairperson partner officer attorney
    trustee administrator principal owner shareholder stockholder member spouse husband wife son daughter child children
    grandchild grandchildren brother sister father mother parent nephew niece uncle aunt cousin widow widower
    guardian executor executrix settlor grantor beneficiary heir successor witness notary mediator arbitrator judge
    counsel solicitor barrister lawyer advocate accountant auditor engineer architect developer supervisor
    superintendent agent broker representative delegate proxy nominee signatory contact sponsor lead founder
    cofounder co-founder employee executive consultant contractor worker tenant landlord lessee lessor buyer seller
    purchaser vendor borrower lender guarantor surety creditor debtor pledgor pledgee mortgagor assignor assignee
    licensor licensee franchisee franchisor claimant respondent plaintiff defendant petitioner applicant appellant
    undersigned individual individuals mr ms mrs dr professor colleague assistant associate analyst advisor adviser
    investigator physician doctor nurse surgeon teacher author artist photographer translator editor publisher
    producer designer programmer inventor researcher scientist caretaker caregiver nanny housekeeper driver
    coordinator comptroller controller bookkeeper registrar recorder clerk custodian receiver liquidator trustees
    donor donee testator testatrix decedent deceased ward minor patient subject recipient attendee participant resident
    chief vice deputy acting senior junior managing executive head interim ceo cfo coo cto cio evp svp vp gp
    companion fiancé fiancée neighbour neighbor friend partner-in-charge attorney-in-fact candidate appointee holder
    optionee grantee participant promoter keeper foreman captain inspector surveyor valuer appraiser arranger bookrunner bystander driver operator"
);

list!(
    BODIES,
    "inc incorporated corp corporation company co ltd limited llc llp lp plc gmbh ag sa bv nv pty ab oy kg trading group holdings holding
    partners partnership associates ventures capital fund funds trust bank banking insurance assurance foundation
    institute university college school academy hospital clinic union society association council committee
    commission commissioner authority agency bureau board court tribunal chamber chambers ministry department
    division office center centre consortium alliance network networks solutions systems technologies technology
    labs laboratories software services industries enterprises international worldwide global logistics
    properties realty estates development developments construction builders brewing brewery foods farms motors
    media studios studio press publishing airlines railways energy power oil gas mining steel pharma pharmaceuticals
    street road avenue lane drive boulevard court way place square terrace close crescent parkway highway house
    building tower towers plaza floor suite unit hall quay wharf park gardens county city town village parish province
    district borough state republic kingdom federation island islands river lake mountain valley bay beach coast
    hills heights springs port airport station
    act acts code codes statute regulation regulations rule rules directive order ordinance convention treaty
    protocol amendment constitution law laws bill chapter article articles section clause paragraph part annex
    appendix schedule exhibit attachment recital preamble
    agreement agreements contract contracts deed lease licence license policy plan program programme project
    index rate test method doctrine formula model standard award prize cup day week month year season tariff
    marketplace platform cloud portal app suite edition version release product products brand"
);

list!(
    COMMON,
    "january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday christmas easter thanksgiving
    signature signed name names title date dated address email e-mail phone telephone fax mobile website print printed
    customer provider supplier client company parties general legal business personal data information confidential
    effective term terms termination notice notices duration cap period periods effect fees fee order form group team
    human resource resources service state finance financial tax taxes employer employment agreement work works product deliverable
    deliverables statement purchase sale sales supply services software hardware equipment goods materials material
    intellectual property patent copyright trademark trade secret secrets know-how license licensed rights right
    obligations obligation duties duty liability liabilities indemnity indemnification indemnified indemnifying
    warranty warranties representations representation covenant covenants restrictive restricted restriction
    restrictions competition non-competition noncompete non-compete non-solicitation confidentiality nondisclosure
    non-disclosure disclosure disclosing receiving residual knowledge change control credit debit note loan security
    collateral pledge mortgage guaranty guarantee interest principal amount amounts price prices payment payments
    invoice invoices currency dollar dollars euro euros sterling pounds cash account accounts bank deposit deposits
    closing completion execution signing commencement expiration expiry renewal initial extended base annual monthly
    quarterly weekly daily calendar fiscal salary wages bonus compensation benefits severance vesting vested unvested
    option options shares share stock stocks units unit common preferred class series equity capital contribution
    contributions distribution distributions profit profits loss losses net gross revenue income assets asset
    liabilities book value fair market price discount premium minimum maximum total balance remaining
    dispute disputes resolution arbitration mediation litigation governing jurisdiction venue choice forum
    force majeure events event default defaults breach remedy remedies cure waiver waivers severability assignment
    entire miscellaneous counterparts headings definitions definition interpretation construction exhibits schedules
    recitals witness whereof thereof background purpose scope overview summary introduction conclusion preamble
    standard standards key cover page pages document documents documentation record records report reports
    specification specifications requirements requirement acceptance delivery shipment shipping inspection risk loss
    insurance premises property building land lot rent tenancy residential commercial industrial office use uses
    access support maintenance uptime availability response level levels incident incidents severity priority
    subscription subscriptions user users authorized authorised permitted prohibited excluded included applicable
    affiliate affiliates subsidiary subsidiaries parent third person persons personnel staff workforce employees
    public private national federal local foreign domestic international regional world united american european
    british english french german dutch italian spanish chinese japanese indian irish scottish welsh canadian
    australian russian swiss new north south east west northern southern eastern western central upper lower great
    internal revenue commerce securities exchange stock labor labour health safety environmental protection
    privacy processing processor controller subprocessor subprocessors transfer transfers clauses clause
    technical technology technological organisational organizational measures measure administrative physical
    professional consulting advisory engineering design development research manufacturing production marketing
    advertising promotion distribution franchise operating operations operation procurement purchasing
    performance indicators indicator milestone milestones schedule timeline estimate estimates budget
    training certification license permit permits approval approvals consent consents authorization compliance
    anti-bribery anti-corruption bribery corruption export import sanctions customs
    good faith best efforts reasonable commercially written oral verbal express implied actual constructive
    material adverse ordinary course extraordinary special regular additional supplemental amended restated
    amendment amendments addendum rider master framework mutual unilateral one-way two-way bilateral joint several
    attorneys fees costs expenses expense damages damage punitive consequential incidental indirect direct exemplary
    lost savings goodwill reputation business-day days day hours hour year years month months week weeks
    time date place manner method means ends end start beginning commence
    territory territories region area areas market markets field industry sector segment
    civil criminal penal commercial corporate company law laws regulation statute statutory ordinance rights
    act acts whole part parts half quarter third
    knowing intending intentional willful wilful gross negligence misconduct fraud cause disability death retirement
    resignation dismissal garden leave probation probationary notice sick vacation holiday holidays overtime
    status married single citizen citizenship nationality passport identity identification number no none not n/a
    occupation profession age sex gender birth born
    email mail postal courier registered certified return receipt overnight facsimile electronic digital signature
    seal sealed stamp notarized notarised acknowledged sworn subscribed
    important please read carefully attention warning caution note example sample draft version revision confidential
    sincerely regards yours best respectfully
    true false complete correct accurate valid void null binding enforceable
    god force nature majesty crown queen king prince princess
    amazon microsoft google apple oracle facebook meta github linkedin twitter adobe salesforce zoom slack azure aws
    windows linux android excel word outlook office powerpoint gmail
    incoterms carrier free alongside paid ex delivered freight vessel cargo
    covered protected worker workers competitor competitors competing restraint restraints consideration
    acknowledgment acknowledgement acknowledgments certificate certification confirmation declaration affidavit
    waiting receipt review revocation rescission cancellation deadline enforcement limitation limitations exceptions
    exception exclusion exclusions exclusive non-exclusive sole perpetual irrevocable worldwide royalty royalties
    sublicense sublicensable transferable assignable
    solicitation solicit customers clients suppliers vendors prospects prospective prior current former future past
    alternative primary secondary tertiary backup main minor major
    highly compensated salaried hourly exempt non-exempt full-time part-time temporary permanent
    optional mandatory required recommended suggested custom bespoke default off on
    sarbanes-oxley hart-scott-rodino lanham clayton sherman dodd-frank gramm-leach-bliley taft-hartley
    referral source sources stat gen ann rev rptr supp civ proc crim evid comp cons stats fla cal tex ill mass mich minn
    conn colo ariz wash ore neb nev okla penn tenn ala ark del acme example foobar lorem ipsum"
);

list!(
    PLACES,
    "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
    indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana
    nebraska nevada hampshire jersey mexico york carolina dakota ohio oklahoma oregon pennsylvania rhode tennessee
    texas utah vermont virginia washington wisconsin wyoming columbia puerto rico guam
    london paris berlin madrid rome milan vienna zurich geneva brussels amsterdam rotterdam dublin edinburgh glasgow
    cardiff belfast manchester birmingham leeds liverpool bristol oxford cambridge norwich stockholm oslo copenhagen
    helsinki warsaw prague budapest moscow istanbul athens lisbon luxembourg frankfurt munich hamburg cologne
    boston chicago houston dallas austin denver seattle portland phoenix philadelphia detroit atlanta miami tampa
    orlando cleveland columbus cincinnati pittsburgh baltimore nashville memphis charlotte raleigh minneapolis
    milwaukee louis orleans vegas angeles francisco diego jose antonio sacramento oakland manhattan brooklyn
    toronto montreal vancouver ottawa calgary sydney melbourne brisbane perth auckland wellington singapore
    hong kong macau macao taipei beijing shanghai shenzhen guangzhou tokyo osaka kyoto seoul mumbai delhi bangalore
    dubai doha riyadh cairo nairobi lagos johannesburg cape
    england scotland wales ireland britain france germany italy spain portugal netherlands belgium switzerland
    austria sweden norway denmark finland poland russia ukraine turkey greece china japan korea india pakistan
    vietnam thailand malaysia indonesia philippines australia zealand canada brazil argentina chile colombia peru
    africa asia europe america americas israel egypt nigeria kenya emirates arabia bermuda cayman bahamas
    rio san santa los las el saint st fort mount lake"
);

/// Whether a word is what only a person does, behind the name.
pub(super) fn only_persons(low: &str) -> bool {
    HUMAN.has(low)
}

list!(
    DEEDS,
    "engage engages engaged retain retains retained consult consults instruct instructs instructed remove removes
    removed promote promotes promoted survived prepared drafted reviewed approved supervised led managed owned held
    chaired founded invented written authored translated accompanied know employ employs employed authorize
    authorizes authorized authorise authorises authorised"
);

list!(
    STRONG,
    "appoint appoints appointed appointing designate designates designated nominate nominates nominated name names
    elect elects elected hire hires hired marry married represented signed executed witnessed acknowledged attested
    certified countersigned report reports reporting reportable appeared call notify notifies contact contacts addressed
    directed succeeded replaced named"
);

list!(
    SIGNED,
    "signed executed represented witnessed acknowledged attested certified countersigned drafted authored written
    translated accompanied survived"
);

list!(
    KIN,
    "spouse husband wife son daughter child children grandchild grandchildren brother sister father mother nephew niece
    uncle aunt cousin widow widower sons daughters brothers sisters friend friends"
);

list!(
    ACTS,
    "shall will may must agrees acknowledges represents warrants covenants undertakes resigns resigned serves served
    signs signed has had is was hereby owns held holds contributed contributes dies died retires retired leaves left
    becomes became ceases ceased remains moved moves lives resides resided occupies reports reported manages
    waives releases released testified testifies appointed assigns assigned transfers transferred sells sold buys
    bought pays paid promises promised guarantees guaranteed executes executed acknowledged acting individually
    personally jointly hereinafter himself herself who whose whom as aged born residing trading agreed contributes brings
    brought joined proposed proposes favoured favored checked built found received receives gave gives handed refused
    refuses confirmed confirms claimed claims worked works called calls took takes accepts accepted consents consented"
);

list!(
    HUMAN,
    "says said thinks thought denies denied asks asked wrote writes told tells drove drives struck hit died dies married
    lives lived resides resided forgives forgave cooks sleeps himself herself remembers saw heard apologised apologized"
);

/// Whether a word that [`is_common`] may be the name of a person as well: May Chen, Helen Price.
pub(super) fn is_name_too(low: &str) -> bool {
    NAMES_TOO.has(low)
}

list!(
    NAMES_TOO,
    "april may june august georgia virginia carolina austin dallas houston jackson jordan charlotte madison florence
    jose antonio francisco diego louis orlando cleveland columbus sydney vienna milan lincoln geneva chester
    price young long field page lane law good best power park day king prince wells west north south judge ward friend
    bond banks stock house place way gardens close hall hill rose mark grant will grace hope faith bill art
    washington england ireland london york cook baker mason miller taylor smith porter parker fisher gardner driver
    carpenter clerk chase noble major minor short early english french german welsh scott holland israel kenya chile
    valley rivers lake brook brooks wood woods cross case cash sharp swift works sterling foreman captain bishop
    christmas easter wednesday guy gay ray dean earl sue rich jean miles max victor paris sherman clayton"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_one_in_the_plural_as_well() {
        for many in [
            "directors",
            "secretaries",
            "witnesses",
            "chairmen",
            "co-founders",
            "attorneys-in-fact",
            "wives",
            "beneficiaries",
        ] {
            assert!(is_role(many), "{many}");
        }
        for word in [
            "series",
            "process",
            "terms",
            "is",
            "s",
            "men",
            "non-compete",
        ] {
            assert!(!is_role(word), "{word}");
        }
    }
}
