//! Given names that are hardly ever another word: they tell `Nina Patel` from `Key Personnel` where nothing around does.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a word is a usual given name, in any case.
pub(super) fn is_given(word: &str) -> bool {
    static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| NAMES.split_whitespace().collect());
    let low = word.to_lowercase();
    // The first part tells of `Jean-Luc`.
    ALL.contains(low.as_str())
        || low
            .split_once('-')
            .is_some_and(|(head, _)| ALL.contains(head))
}

/// The usual given names of the United States census of 1990 (in the public domain; those that nine in ten men and eight
/// in ten women bear), and usual names of other countries. Left out are those that are words, places or months as well
/// (Mark, Virginia, June): a context must tell them.
const NAMES: &str = "aadhya aarav aaron abby abdul abdullah abel abena abigail abigayle abraham adaeze adalbert adam addie adebayo \
    adel adela adele adelheid adeline adewale adolfo adolphus adrian adriana adrienne agatha agathe agnes agnieszka \
    agustin ahmad ahmed aida aidan aiden aiko aileen ailsa aimee ainsley aisha aisling akio akira aksel alan alana \
    alaric alasdair alastair alban albert alberta alberto albrecht aldous alejandra alejandro aleksandr aleksandra \
    alessandra alessandro alethea alex alexander alexandra alexandre alexandria alexandros alexei alexis alfonso \
    alfred alfredo algernon alice alicia alisa alisha alison alistair allan allen allie allison allyson alonzo \
    althea alton alvaro alvin alyssa ama amadou amal amanda ambrose amelia amelie amina aminata amir amit amos \
    amrita amy ana anais anand anatole anders andre andrea andreas andreea andrei andres andrew andrzej andy aneurin \
    ange angela angelia angelica angelina angeline angelo angie angus anika anil anita anjali ann anna annabelle \
    anne anneliese annette annie annika ansel anselm anthea anthony antje antoine antoinette anton antoni antonia \
    antonin antonio anya aoife apinya araminta archana archibald archie ariadne aristide arjun arlene armand armando \
    armel arnav arne arnold arsene artemis arthur arturo arun arvind asha asher ashlee ashley ashok asif astrid \
    atticus aubrey audra audrey augustin augustus aurelia aurelio ava avis avram ayesha ayodele ayumi azadeh aziz \
    babatunde balthazar baptiste barbara barbra barnabas barnaby barry bart bartholomew bartosz bastien beatrice \
    beatrix beatriz becky belinda benedict benedikt benigno benita benito benjamin bennie benny benoit berenice \
    bernadette bernadine bernard bernardo bernd bernice bert bertha bertram bessie beth bethany betsy bette bettie \
    bettina betty bettye beulah beverly bhavna bianca billie billy birgit bjorn blaine blanca blanche bobbi bobbie \
    bobby bogdan boniface bonita bonnie boris boyd brad bradford bradley brady brain brandi brandon branwen brenda \
    brendan brent bret brett brian brianna bridget bridgette brigitte brittany brittney bronislaw bronwyn bruce \
    bryan bryant bryce bryon byron caetano caitlin caius caleb calista calixto callie callista callum calvin cameron \
    camilla camille camilo candace candice caoimhe cara carina carl carla carlos carlota carlotta carlton carmela \
    carmella carmen carole caroline carolyn carrie carroll carsten carys casey casimir caspar cassandra cassie \
    cassius catalina catherine cathleen cathy catriona cecelia cecil cecile cecilia cecily cedric celeste celestine \
    celia celine cerys cesar cesare chad chaim chandra charlene charles charlie charlotte chaya cheri cherie cheryl \
    chester chetan chiamaka chiara chidi chinedu chinonso chioma chiyo chloe christa christabel christi christie \
    christina christine christopher christy chuck cian ciara ciaran cillian cindy claire clara clare clarence \
    clarice clarissa clark claude claudette claudia claudine claudio clay clayton clemence clemens clement \
    clementine cleo cleopatra clifford clint clotilde cody colin colleen concepcion connie conrad consuelo cora \
    cordelia corey corinne cormac cornelia cornelius corrine cory cosima cosmo courtney craig crispin cristina curt \
    curtis cuthbert cynthia cyprian cyril cyrille cyrus daffyd dafydd dagmar daiki daisuke daisy damaris damian \
    damien damon daniel daniela danielle danilo danny daphne darcy darin darius dariusz darla darlene darnell darrel \
    darrell darren darrin darryl darwin daryl dave david davina deana deanna debbie debora deborah debra declan \
    deepak deepika deirdre delbert delia delilah della delores deloris delphine demetrios demetrius dena denis \
    denise dennis denzel derek derrick dervla desdemona desiree devi devin devon dewayne dewey dexter diana diane \
    dianna dianne diego dieter dilip dimitra dimitri dina dinah dinesh dionisio djamila dmitri dmitry dolores \
    domenico domingo dominic dominick dominik dominique dona donald donna donnie doreen dorian doris dorota dorothea \
    dorothee dorothy dorthy doug douglas doyle drusilla duane dustin dwayne dwight dylan eamon earline earnestine \
    ebenezer eddie edgar edgardo edith edmond edmund edna edouard eduardo edward edwin edwina effie efraim efrain \
    eileen eilidh eirik ekaterina elaine elbert eldon eleanor eleanora eleazar electra elena eleni eli elia elias \
    elif elijah elin elinor elisa elisabeth elise eliza elizabeth elkanah ella ellen elliot elliott ellis elma elmer \
    elnora elodie eloisa eloise elsa elsie elspeth elton elva elvin elvira elvis elwood emanuel emanuela emeka \
    emeline emil emilia emilio emily emma emmanuel emmett emre emrys enid enrique enzo ephraim erasmus eric erica \
    erick ericka erik erika erin erma ermin ernest ernestina ernestine ernesto ernie errol ervin erwin esa esme \
    esmee esmeralda essie esteban estela estella estelle esther ethan ethel etienne euan eudora eugen eugene eugenia \
    eula eulalia eunice euphemia eustace eva evan evander evangeline evelyn everard everett evgeny ewa ewan eyal \
    ezekiel ezra fabian fabiana fabio fabrizio faisal fannie farah fareed farida farouk fatima fatou faye federica \
    federico felicia felicity felipe felix femi feodor ferdinand fergus fernanda fernando fidel finn finnegan fiona \
    fiorella fitzgerald flavia flavio florentina florian flossie floyd folake francesca francesco francine francisca \
    francisco franco francois francoise frankie fred freda freddie freddy frederick frederik fredrick freya frieda \
    friedrich fritz fumiko fyodor gabriel gabriela gabrielle gaetano gaia gail galina gareth garry gary gaspard \
    gaston gaurav gayle geeta genevieve geoffrey georg george georgina georgios geraint gerald geraldine gerard \
    gerardo gerda gerhard gertrude gianni gideon gilbert gilberto gilda giles gillian gina ginevra giovanni gisela \
    giselle giulia giuseppe gladys glenda glenn glenna gloria godfrey goldie goran gordon gracie graciela grady \
    graeme graham grainne greg gregg gregorio gregory greta gretchen griselda grover grzegorz guadalupe guido \
    guillaume guillermo gunnar gunther gustav gustave gustavo gwen gwendolen gwendolyn gwilym gwyneth hadassah \
    haider haley halima hamid hamish hamza hanna hannah hannes harlan harley harold harriet harriett harrison harry \
    harsh haruki harvey hassan hattie hector hedwig heidi heike heinrich heinz helen helena helene helga helmut \
    heloise hendrik henrietta henriette henrik henry herbert herman hermann hermione hester hezekiah hideo hilary \
    hilda hildegard hillary hiroko hiroshi hiroyuki honora horace horatio hortensia howard hubert hugh hugo humberto \
    humphrey hyacinth hye ian ibrahim idris ifeoma ignacio ignatius ignaz igor ikram ilana ilse imani imelda imogen \
    imogene imran ina indira ines inez inga ingeborg ingmar ingrid ioan ioana ioannis ira irene irina irma irvin \
    irving isaac isabel isabella isabelle isadora isaiah isha isidore isla ismael ismail isolde itzhak iustina ivan \
    ivana iveta ivo iwona jacek jackie jaclyn jacob jacqueline jacquelyn jacques jadwiga jago jaime jake jakub jamal \
    james jami jamie jana jane janelle janet janette janice janie janine janis jared jaroslav jarrod jarvis jason \
    javed javier jayne jeanette jeanie jeanine jeanne jeannette jeannie jeannine jedediah jeff jeffery jeffrey \
    jeffry jelena jemima jenifer jenna jennie jennifer jenny jens jeong jerald jeremiah jeremy jeri jermaine jerome \
    jerri jerry jerzy jess jesse jessica jessie jethro jibril jill jillian jim jimmie jimmy jitendra joachim joan \
    joann joanna joanne joao joaquim joaquin jocasta jocelyn jochen jodi jodie jody joe joel joelle joesph joey \
    johan johann johanna johannes john johnathan johnnie johnny jolanda jolene jolyon jon jonah jonas jonathan \
    jonathon joni jorge jorgen jose josefina joseph josephina josephine josh joshua josiah josie jovan joyce jozef \
    juan juana juanita judah judith judy juergen julia julian julie juliet juliette julio julius jurgen justin \
    justina justine kabir kadeem kaede kaito kamal kamala kamil kara karan karen kari karim karin karina karl karla \
    karol karolina karsten kasia kasper katarina katarzyna kate katerina katharine katherine kathleen kathryn kathy \
    katie katja katrina kavita kayla kazimierz kazuo keiko keisha keisuke keith kelley kelli kellie kelly kelsey \
    kelvin kendall kendra kendrick kenji kenneth kenny kenzo keri kermit kerri kerry kerstin kevin keziah khadija \
    khalid khalil kieran kimberley kimberly kiran kirk kirsten kiyoshi klara klaus klement kofi kojo konstantin kris \
    krista kristen kristi kristie kristin kristina kristine kristof kristopher kristy krystal krzysztof kunal kurt \
    kwabena kwaku kwame kwasi kyle lacey lachlan ladislav ladonna laetitia lajos lakshmi lalita lamont lana lara \
    larry lars lasse laszlo latasha latif latisha latonya latoya latrice laura lauren laurence laurie laverne \
    lawrence leah leandro leann leanne leila lela leland lena lenora lenore leocadia leola leona leonard leonardo \
    leonid leonie leonora leopold leroy lesley leslie lester letha leticia lettice lewis liam lidia liesbeth \
    lieselotte liesl lila lilia lilith lillian lillie lilly linda lindiwe lindsay lindsey linnea linus lionel lisa \
    lisbeth livia liza lizzie llewellyn lloyd lois lonnie lora loraine lorcan loren lorena lorene lorenz lorenzo \
    loretta lori lorie lorna lorraine lorrie lothar lottie louie louis louisa louise lourdes lowell loyd luc luca \
    lucas lucasta lucia lucian luciano lucien lucile lucille lucinda lucrezia lucy ludmila ludovic ludwig luella \
    luigi luis luisa lukas lukasz luke lula lupe luther luz lydia lydie lyle lynda lynette lynn lynne maarten mabel \
    mable maciej madeline madhavi mae maeve magda magdalena maggie magnolia magnus mahmoud maia mairead maja makoto \
    malachi malcolm malgorzata malik malinda mamie mandy manish manoj manuel manuela marc marcel marcella marcello \
    marcelo marcia marcie marcin marco marcos marcus marcy marek margaret margarethe margarita margie margo margot \
    margret marguerita marguerite maria mariam mariana marianne mariano maribel marie marietta marijke mariko \
    marilyn mario marisa marisol marissa marit maritza marius marjan marjorie markus marla marlene marlin marlon \
    marsha marta martha martina marty marvin mary maryann marylou massimo mateo mathew mathias mathieu mathilda \
    mathilde matilda matilde matt matteo matthew matthias matthieu mattie maud maude maureen maurice mavis \
    maximilian maximo maxine mayra mayumi meagan meena meera megan meghan mehmet mei melanie melba melchior melinda \
    melisa melisande melissa melvin meredith mervyn micah michael michaela michal micheal michele michelle mickey \
    miguel mihai mikael mike mikhail milagros mildred milena miles millicent millie milos milton mindy minerva \
    minnie miranda mireille mirela miriam miroslav miroslava mitchell mohamed mohammad mohammed moira moises mollie \
    molly mona monica monika monique montague monty morag mordecai morris mortimer morwenna moses moshe muhammad \
    muriel mustafa myfanwy myra myrna myron nadezhda nadia nadine nadira nadja nahum nancy nannie naoko naomi naoto \
    narcissa natalie natasha nathan nathanael nathaniel naveen neal ned neha nehemiah neil nelda nell nellie nerys \
    nettie neva ngozi niall niamh nicanor nicholas nichole nick nicodemus nicola nicolai nicolas nicole nikhil \
    nikita nikki niklas nikolai nikolaos nikolas nils nimrod nina nisha nkechi noah noam noel noemi noemie nola \
    nolan noor nora norbert noreen nuala nuno nuria obadiah oberon octavia octavio odette odile ofelia ogden oksana \
    olaf oleg olena olga oliver olivia olivier olumide oluwaseun olwen omar omari ondrej ophelia orhan orla orson \
    orville osagie osbert oscar oskar osman osvaldo oswald ottavia otto ottoline otylia owen ozias pablo padraig \
    pamela paolo pascal pasquale patrica patrice patricia patrick patrik patti patty paul paula paulette paulina \
    pauline pavel pawel pearlie peder pedro peggy penelope percival percy peregrine perpetua petar pete peter petr \
    petra petronella phil philip philippa philippe phillip philomena phineas phoebe phyllis pierre piers pieter \
    pilar piotr placido pollyanna pooja porfirio portia prakash pranav prashant preston primrose priscilla priya \
    priyanka prosper quentin quincy quinton rachael rachel rachelle rachid radhika rae rafael raffaele rahul raina \
    rainer raj rajesh rajiv rakesh ralph ramesh ramesses ramiro ramon randal randall randi randolph randy rania \
    ranjit raphael raphaela raquel rasheed rashid rashida raul ravi raymond reba rebecca rebekah rebekka refugio \
    reggie reginald reinhard reinhold rena renata renato rene renee renzo renée reuben reynaldo rhiannon rhoda \
    rhonda rhonwen rhys ricardo riccardo richard rick rickey ricky rigoberto rinaldo rita robbie robert roberta \
    roberto robyn rochelle roderick roderigo rodger rodney rodolfo rodolphe rogelio roger rohan rohit roisin roland \
    rolando rolf romola ron ronald ronda ronnie roosevelt rory rosa rosalba rosalie rosalind rosalinda rosalyn \
    rosamund roscoe rosemarie rosemary rosie ross roswitha rowena roxana roxanne roy ruairi ruben rudolf rudolph \
    rudy rufus rukmini rupert ruslan russel russell ruth ruthie ryan saanvi sabine sabrina sachin sadie sadiq saeed \
    safiya saida sakura saleh salim sallie salma salome salvatore samantha samir samira sammie sammy samson samuel \
    sandeep sandra sandro sanjay sanjeev sanna santiago santino saoirse sara sarah saskia satoshi saul saundra \
    scotty seamus sean sebastian sebastien selim selwyn semra seraphina serena sergei sergey sergio seth severin \
    seymour shailesh shana shane shanice shanna shannon shari sharon sharron shaun shauna shawn shawna sheena sheila \
    sheldon shelia shelley shelly sheri sherri sherrie sherry sheryl shinji shirley shivani shreya siddharth \
    siegfried sigmund signe sigrid silke silvana silvester silvia simeon simon simone simran sinead siobhan sixten \
    slawomir socrates sofia sofie solomon solveig sondra sondre sonia sonja sonya sophia sophie soren spiros \
    srinivas stacey staci stacie stacy stan stanislav stanislaw stanley stefan stefania stefanie stefano stella \
    stellan stephan stephanie stephen steve steven stewart stuart sunil sunniva suresh susan susana susannah susanne \
    susie suzanne sven svetlana swapna swati sybil sylvain sylvester sylvia sylvie tabatha tabitha tadeo tadeusz \
    tahir takashi takeshi taliesin tamar tamara tameka tami tamika tammie tamsin tancred tania tanvi tanya tara \
    tariq tarquin tasha tatiana tatsuya teddy tegan temitope tendai teodor terence teresa teri terrance terrell \
    terrence terri terrie tessa thabo thaddeus thandiwe thelma theodor theodora theodore theodosia theophilus \
    theresa therese thierry thijs thora thorsten thurman tiberius tilda tim timmy timothee timothy tina tirzah \
    tobiah tobias toby todd tomas tomasz tommie tommy tomoko toni tonia tonya torquil torsten toshiro tracey traci \
    tracie travis trevor tricia trina trisha tristan trudy trystan tunde tyler tyrone ugo ulf ulrich ulrike uma umar \
    umberto ursula usha uwe valarie valentin valentina valentino valeria valerie valerio vanessa varun vasco vasily \
    vaughan vaughn velma venkat vera verena verity verna veronica veronika vesna vicente vicki vickie vicky victor \
    viggo vijay vikram viktor viktoria vincent vincenzo vinod violetta virgie virgil virginie vittoria vivek vivian \
    vivienne vladimir vladislav volker waldemar walid walter wanda wayne wenceslas wendelin wendell wendy wesley \
    whitney wiktor wilbert wilbur wilfred wilfredo wilfrid wilhelm wilhelmina wilhelmus willa willard willem william \
    williams willie willis wilma winifred winnie winnifred winthrop wojciech wolfgang wolfram xanthe xaver xavier \
    ximena xiomara yael yannick yaroslav yasmin yasmina yasmine yevgeny yiannis yitzhak ynes yoko yolanda yolande \
    yosef yoshiko youssef yuki yukiko yuri yuriko yusra yusuf yves yvette yvonne zachariah zachary zahra zainab \
    zanele zara zebedee zelda zelma zenobia zephyr zeynep zigmund zoe zofia zoltan zora zsofia zsuzsanna zuzana";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_places_and_months_are_none() {
        for word in ["Jennifer", "PRIYA", "Anne-Marie"] {
            assert!(is_given(word), "{word}");
        }
        for word in ["Virginia", "Grant", "May", "Will", "Party", "Austin"] {
            assert!(!is_given(word), "{word}");
        }
    }
}
