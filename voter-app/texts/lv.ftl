# Lapa latviešu valodā. Vienkārši vārdi, bez saīsinājumiem; katrs teikums saka vienu lietu.

language-name = Latviešu
language-choose = Valoda
app-name = Hääl – balsošana internetā
skip = Pāriet uz saturu
help-line = Neviens no vēlēšanu rīkotājiem nekad Jums nezvanīs un neprasīs PIN kodu. Ja vajadzīga palīdzība, zvaniet uz numuru, kas norādīts vēlētāja kartē vai oficiālajā izdevumā.
back = Atpakaļ
continue = Turpināt
optional = (var neaizpildīt)
quit = Pabeigt un aizvērt
log-out = Iziet
logged-in-as = Jūs esat pieteicies kā
idle-note = { $n ->
    [zero] Ja { $n } minūtes nekas netiek nospiests, Jūs tiekat izrakstīts; katrs klikšķis sāk laiku no jauna.
    [one] Ja { $n } minūti nekas netiek nospiests, Jūs tiekat izrakstīts; katrs klikšķis sāk laiku no jauna.
   *[other] Ja { $n } minūtes nekas netiek nospiests, Jūs tiekat izrakstīts; katrs klikšķis sāk laiku no jauna.
  }
idle-warning = Drīz Jūs tiksiet izrakstīts, jo ilgi nekas nav nospiests. Izdarītā izvēle tiks aizmirsta.
idle-stay = Es vēl esmu šeit
program-gone = Balsošanas programma ir beigusi darbu. Šajā logā vairs nekas nenotiks. To var aizvērt un programmu palaist vēlreiz: tā noskaidros, vai Jūsu balss nonāca galā.
time-now = Tagad ir

practice-mark = MĒĢINĀJUMS
practice-banner = Šī ir izmēģinājuma balsošana. Tas, ko Jūs šeit darāt, neko neietekmē.

when = { $moment } pēc vēlēšanu laika ({ $zone })
when-both = { $moment } pēc vēlēšanu laika ({ $zone }). Šajā datorā: { $local }
moment = { $year }. gada { $day }. { $month }, plkst. { $clock }
month = { $n ->
    [1] janvāris
    [2] februāris
    [3] marts
    [4] aprīlis
    [5] maijs
    [6] jūnijs
    [7] jūlijs
    [8] augusts
    [9] septembris
    [10] oktobris
    [11] novembris
   *[12] decembris
  }
span-minutes = { $n ->
    [zero] { $n } minūšu
    [one] { $n } minūte
   *[other] { $n } minūtes
  }
span-hours = { $n ->
    [zero] { $n } stundu
    [one] { $n } stunda
   *[other] { $n } stundas
  }
span-days = { $n ->
    [zero] { $n } dienu
    [one] { $n } diena
   *[other] { $n } dienas
  }
state-voting = Balsošana ir atvērta. Līdz beigām atlicis: { $span }.
state-ending = Balsošana tūlīt beigsies.
state-last = Balsošana beidzas: pieteikties vairs nevar, bet tie, kas jau pieteikušies, var pabeigt.
state-suspended = Balsošana pašlaik ir apturēta. Lūdzu, mēģiniet vēlāk.
state-setup = Balsošana vēl nav sākusies.
state-closed = Balsošana internetā ir beigusies.

start-title = Balsošana internetā
kind-real = Šīs ir īstas vēlēšanas. Jūsu balss tiks skaitīta.
kind-practice = Šī ir izmēģinājuma balsošana. Jūsu balss netiek skaitīta.
voting-from = Balsošana sākas
voting-until = Balsošana beidzas
election-id = Vēlēšanu numurs
election-id-help = Salīdziniet šo numuru ar to, kas nodrukāts oficiālajā izdevumā vai vēlētāja kartē. Ja tas ir cits, nebalsojiet šeit.
election-id-where = 64 cipari un burti no a līdz f; atstarpēm nav nozīmes. Numurs ir nodrukāts oficiālajā izdevumā un vēlētāja kartē.
start-vote = Turpināt un pieteikties
start-look = Pieteikties un apskatīt savas balsis
paper-wins = Balsot var arī ar papīra vēlēšanu zīmi. Balss uz papīra aizstāj internetā nodoto balsi.
other-election = Citas vēlēšanas
enter-election = Kuras vēlēšanas?
collector-address = Vēlēšanu urnas adrese
collector-help = Tā sākas ar https:// un ir nodrukāta blakus vēlēšanu numuram.
enter-button = Atvērt šīs vēlēšanas

identify-title = Kas Jūs esat?
identify-help = Izvēlieties, ar ko vēlaties pieteikties. Tas pats būs vajadzīgs arī parakstam.
identify-with = Pieteikties: { $name }
identify-others = Šajā datorā nav iestatīts: { $name }. Tas, kas programmu uzstādīja, var to pievienot, programmu palaižot (kā — parāda voter-app eid). Vai arī izmantojiet kādu no augstāk piedāvātajiem, citu datoru vai balsojiet uz papīra.
means-card = eID karte un lasītājs
means-card-help = Vispirms ievietojiet karti lasītājā. Jums prasīs PIN1.
means-folder = Mape ar atslēgu datnēm (pārbaudei)
means-folder-help = Mape, kurā ir testa eID atslēgu datnes.
means-files = Četras atslēgu datnes
means-files-help = Divas atslēgas un divi sertifikāti kā datnes.
means-pkcs12 = Atslēgas datne ar paroli
means-pkcs12-help = Ar paroli aizsargātas datnes ar atslēgām un sertifikātiem.
means-mobile-id = Mobile-ID
means-mobile-id-help = Turiet tālruni pa rokai. Šeit tiks parādīts kods; tālrunī jābūt tādam pašam.
means-smart-id = Smart-ID
means-smart-id-help = Turiet tālruni pa rokai. Šeit tiks parādīts kods; tālrunī jābūt tādam pašam.
means-web-eid = Web eID
means-web-eid-help = Vispirms ievietojiet karti lasītājā. Web eID programma atvērs logu un prasīs PIN kodu.
input-code = Personas kods
input-language = Valoda tālrunī: EST, ENG, RUS vai LIT
input-phone = Tālruņa numurs ar valsts kodu, piemēram, +37200000766
input-folder = Mape
input-person = Personas kods šādā veidā: PNOEE-38001085718
input-login-key = Pieteikšanās atslēgas datne
input-login-cert = Pieteikšanās sertifikātu datne
input-sign-key = Parakstīšanas atslēgas datne
input-sign-cert = Parakstīšanas sertifikātu datne
input-file = Atslēgas datne
input-sign-file = Parakstīšanas atslēgas datne
notice-missing = Kaut kas vēl nav aizpildīts. Lūdzu, aizpildiet visus laukus.
notice-bad-place = Adrese vai vēlēšanu numurs nav pilnīgs. Adrese sākas ar https://, un numurā ir 64 cipari un burti.
notice-outdated = Tas tika nosūtīts no lapas, kas vairs nebija spēkā. Nekas netika mainīts. Tagad Jūs esat šeit.
notice-changed = Jūsu izvēle tika mainīta citā logā. Lūdzu, pirms parakstīšanas apskatiet to vēlreiz.
notice-idle = Jūs tikāt izrakstīts, jo ilgi nekas netika nospiests. Neparakstīta izvēle ir aizmirsta.
pin1 = PIN1
pin1-help = Pieteikšanās PIN kods.
pin2 = PIN2
pin2-help = Parakstīšanas PIN kods. Ar to Jūs parakstāt savu balsi un ieliekat to urnā.
password = Datnes { $name } parole
password-help = Jūsu atslēgas datnes parole.
tries-left = { $n ->
    [zero] Atlicis { $n } mēģinājumu.
    [one] Atlicis { $n } mēģinājums.
   *[other] Atlikuši { $n } mēģinājumi.
  }
code-compare = Paskatieties tālrunī. Ievadiet tur PIN kodu tikai tad, ja redzams šis kods:
code-choose = Paskatieties tālrunī. Izvēlieties tur šo kodu un tad ievadiet PIN kodu:
code-scan = Noskenējiet šo kodu ar lietotni Smart-ID tālrunī un tad ievadiet tur PIN kodu. Kods mainās katru sekundi.
code-elsewhere-1 = Ievadiet PIN1 ar lasītāja taustiņiem vai atvērtajā logā.
code-elsewhere-2 = Ievadiet PIN2 ar lasītāja taustiņiem vai atvērtajā logā.

wait-title = Vienu mirkli
wait-help = Lūdzu, uzgaidiet. Lapa turpinās pati.
wait-look = Paskatīties, vai ir gatavs
wait-entering = Vēlēšanas tiek atvērtas un pārbaudītas
wait-login = Notiek pieteikšanās
wait-sealing = Jūsu balss tiek šifrēta
wait-signing = Jūsu balss tiek parakstīta
wait-sending = Jūsu balss tiek ielikta urnā
wait-proving = Tiek gaidīts apliecinājums
wait-opening = Balss tiek atvērta pārbaudei
wait-looking = Tiek apskatīta vēlēšanu urna
stop = Pārtraukt

overview-title = Jūsu balss
you-are = Jūs esat pieteicies kā
your-district = Jūsu vēlēšanu apgabals
your-contests = Jūs balsojat par
in-the-box = Vēlēšanu urnā
box-empty = Jūsu balss urnā vēl nav.
box-some = Jūsu balss ir urnā. Jūs varat balsot vēlreiz; tiek skaitīta tikai pēdējā balss.
box-counts = Šī tiek skaitīta.
box-replaced = Aizstāta ar vēlāku.
box-here = Nodota no šī datora.
box-elsewhere = Nodota no cita datora.
box-entry = Publicēta publiskajā dēlī kā ieraksts { $n }.
box-pending = Pieņemta; tiks publicēta dažu minūšu laikā.
box-warning = Balss, kas tiek skaitīta, nav nodota no šī datora. Ja nodevāt to citur, viss ir kārtībā. Ja ne, kāds lieto Jūsu eID: paziņojiet vēlēšanu komisijai un balsojiet vēlreiz.
begin = Balsot
begin-now = Balsot
begin-again = Balsot vēlreiz
again-help = Jaunā balss aizstāj to, kas ir urnā.
look-again = Paskatīties vēlreiz
not-open = Pašlaik balsis netiek pieņemtas.

contest-step = Jautājums { $n } no { $of }
rule-one = Izvēlieties vienu.
rule-exactly = Izvēlieties tieši { $n }.
rule-up-to = Izvēlieties ne vairāk kā { $n } vai nevienu.
rule-between = Izvēlieties no { $n } līdz { $of }.
rule-any = Izvēlieties, cik vēlaties, vai nevienu.
rule-score = Dodiet katram no 0 līdz { $n } punktiem.
rule-budget = Sadaliet tieši { $n } punktus.
rule-rank = Salieciet ne vairāk kā { $n } vēlamajā secībā, labāko pirmo.
search = Meklēt pēc vārda vai saraksta
search-found = Atrasts: { $name }
blank = Tukša balss: neizvēlos nevienu no tiem
no-choice = Bez izvēles
count-chosen = Izvēlēts: { $name }.
count-shared = Sadalīts: { $name }.
limit-full = Vairāk izvēlēties nevar. Lai izvēlētos citu, vispirms atceliet kādu izvēli.
limit-too-many = Jūs izvēlējāties { $n }, bet drīkst ne vairāk kā { $of }. Atceliet lieko.
limit-too-few = Jūs izvēlējāties { $n }, bet vajag vismaz { $of }.
limit-one = Lūdzu, izvēlieties vienu.
limit-ranked = Vairāk salikt secībā nevar. Lai pievienotu citu, vispirms kādu izņemiet.
limit-high = { $n } ir par daudz: drīkst ne vairāk kā { $of }.
limit-sum = Jūs sadalījāt { $n }, bet jāsadala tieši { $of }.
limit-blank = Tukša balss neizvēlas nevienu. Atceliet vai nu tukšo balsi, vai pārējās izvēles.
limit-number = Lūdzu, ievadiet tikai veselus skaitļus.
ranking = Jūsu secība
ranking-empty = Jūsu secībā vēl neviena nav. Vispirms izvēlieties labāko.
ranking-more = Ārpus Jūsu secības
ranking-none = Secību var atstāt arī tukšu.
rank-add = Pievienot
rank-up = Augstāk
rank-down = Zemāk
rank-remove = Izņemt
notice-ranked = { $name } tagad ir { $n }. vietā.
notice-unranked = { $name } vairs nav Jūsu secībā.

review-title = Vai viss ir pareizi?
review-help = Izlasiet savu izvēli vēlreiz. Nekas vēl nav nosūtīts.
change = Mainīt
blank-words = Tukša balss
nothing-words = Neviens: izvēle nav izdarīta
review-again = Šī balss aizstās to, kas ir urnā.
sign-help = Jūsu balss ir šifrēta. Ar Jūsu parakstu tā nonāks urnā.
sign = Parakstīt un ielikt urnā
challenge-title = Vai vēlaties programmu pārbaudīt, nevis tai uzticēties?
challenge-help = Jūs varat likt šo šifrēto balsi atvērt un publicēt, lai ikviens var pārbaudīt, vai tajā ir tas, kas rakstīts iepriekš. Tad šo izvēli varēs izlasīt visi, un šī balss nekad netiks skaitīta. Pēc tam Jūs balsojat ar jaunu balsi. Dariet to ar izvēli, kas nav Jūsu balss.
tracker-sealed = Šifrētās balss apzīmējums:
challenge = Atvērt šo balsi un publicēt

second-title = Pārbaudiet ar otru ierīci
second-help = Cita ierīce var parādīt, ko Jums glabā publiskais dēlis. Atveriet tajā organizācijas lapu, kurai uzticaties, un skenējiet vai ievadiet kodu.
second-show = Rādīt kodu
second-warn = Kamēr kods darbojas, ikviens, kas to redz, var redzēt Jūsu izvēli. Nerādiet to nevienam.
second-none = Šai balsij nav koda otrai ierīcei. To nosūtīja programmas palaišana, kas jau beigusies, un tas, no kā kodu veido, netiek glabāts. Ja vēlaties pārbaudīt ar otru ierīci, balsojiet vēlreiz: tiek skaitīta pēdējā balss.

receipt-title = Jūsu balss ir urnā
receipt-practice = Jūsu izmēģinājuma balss ir urnā
receipt-before = Iepriekšējā balsošanas reizē savienojums pārtrūka, bet tā balss nonāca galā. Otra balss netika izveidota.
receipt-replaces = Tā aizstāj balsi, ko nodevāt agrāk.
tracker = Balss apzīmējums
tracker-help = Pierakstiet šo apzīmējumu vai izdrukājiet lapu. Pēc tā Jūs atradīsiet savu balsi publiskajā dēlī. Tas nesaka, ko Jūs izvēlējāties.
receipt-proved = Apliecinājums ir pārbaudīts.
receipt-entry = Jūsu balss ir publiskā dēļa ieraksts { $n }, ko parakstījusi urna un neatkarīgi liecinieki ({ $of }).
receipt-promised = Urna ir pieņēmusi Jūsu balsi un par to parakstījusies.
receipt-deadline = Tā tiks publicēta ne vēlāk kā: { $name }. Varat gaidīt apliecinājumu šeit vai aizvērt lapu un paskatīties vēlāk.
next-title = Ko darīt tagad
next-keep = Saglabājiet apzīmējumu.
next-check = Paskatieties, vai Jūsu balss ir urnā, arī no cita datora.
next-again = Ja pārdomājat, balsojiet vēlreiz: tiek skaitīta tikai pēdējā balss.
next-paper = Ja balsosiet uz papīra, tiks skaitīta papīra vēlēšanu zīme.
look = Ieskatīties urnā

opened-title = Šī balss tika atvērta pārbaudei
opened-not-a-vote = Tā nebija balsošana. Jums vēl ir jābalso.
opened-help = Programma apgalvo, ka atvērtajā balsī ir tālāk norādītā izvēle. Saglabājiet to un pārbaudiet ar citu programmu, piemēram, citā datorā.
opened-save = Saglabāt atvērto balsi

bye-title = Uz redzēšanos
bye-help = Programma ir beigusi darbu. Šo logu var aizvērt. Ja lietojāt eID karti, izņemiet to no lasītāja.

stranger-title = Ne šeit
stranger-origin = Šī lapa atbild tikai tai pārlūkprogrammai, ko atvēra balsošanas programma.
stranger-unknown = Šī lapa pieder citam logam. Lai atvērtu jaunu, palaidiet balsošanas programmu.
stranger-spent = Šī adrese jau ir izmantota; tā derīga tikai vienreiz. Ja tas nebijāt Jūs, beidziet balsošanas programmu un palaidiet to vēlreiz.

trouble-title = Tas neizdevās
trouble-next = Ko darīt tagad
trouble-file = Vēlēšanu komisijai tika uzrakstīta šī datne:
trouble-detail = Sīkāka informācija tam, kas Jums palīdz
way-start = Uz pirmo lapu
way-identify = Pieteikties vēlreiz
way-overview = Ieskatīties urnā
way-review = Atpakaļ pie savas balss
way-resend = Nosūtīt to pašu balsi vēlreiz
trouble-pin = PIN kods bija nepareizs.
trouble-pin-next = Nekas netika parakstīts. Mēģiniet vēlreiz ar pareizo PIN kodu.
trouble-pin-blocked = PIN kods ir bloķēts, jo tas pārāk bieži ievadīts nepareizi.
trouble-pin-blocked-next = Nekas netika parakstīts. Atbloķējiet to ar PUK kodu, izmantojiet citu eID vai balsojiet uz papīra.
trouble-password = Parole bija nepareiza.
trouble-password-next = Nekas netika parakstīts. Mēģiniet vēlreiz ar pareizo paroli.
trouble-no-card = eID karte netika atrasta.
trouble-no-card-next = Ievietojiet karti lasītājā un mēģiniet vēlreiz.
trouble-card-removed = Karte tika izņemta pārāk agri.
trouble-card-removed-next = Ievietojiet karti atpakaļ un neizņemiet, līdz esat pabeidzis. Tad mēģiniet vēlreiz; balss nekad netiek nodota divreiz.
trouble-cancelled = Jūs pārtraucāt darbību.
trouble-cancelled-next = Nekas netika parakstīts vai nosūtīts. Turpiniet, kad vēlaties.
trouble-refused = Jūsu ierīcē tika atteikts.
trouble-refused-next = Nekas netika parakstīts. Ja tas nebijāt Jūs, paziņojiet sava eID izsniedzējam. Citādi mēģiniet vēlreiz.
trouble-timed-out = Tālrunī laikus neatbildēja.
trouble-timed-out-next = Nekas netika parakstīts. Paņemiet tālruni un mēģiniet vēlreiz.
trouble-wrong-code = Tālrunī tika izvēlēts cits kods, nevis tas, kas parādīts šeit.
trouble-wrong-code-next = Nekas netika parakstīts. Mēģiniet vēlreiz un salīdziniet kodus. Ja tālrunis prasa, lai gan Jūs neko nesākāt, atsakieties.
trouble-phone = Tālrunis nav sasniedzams.
trouble-phone-next = Nekas netika parakstīts. Pārbaudiet, vai tas ir ieslēgts un vai ir signāls. Tad mēģiniet vēlreiz.
trouble-unknown = Pēc ievadītajiem datiem eID netika atrasts.
trouble-unknown-next = Pārbaudiet tālruņa numuru un personas kodu un mēģiniet vēlreiz.
trouble-service = Jūsu eID pakalpojums pašlaik nedarbojas.
trouble-service-next = Nekas netika parakstīts. Mēģiniet vēlāk, izmantojiet citu eID vai balsojiet uz papīra.
trouble-certificate = Ar šo eID balsot nevar.
trouble-certificate-next = Vajadzīgs viens sertifikāts pieteikšanās vajadzībām un viens parakstam. Izmantojiet citu eID vai balsojiet uz papīra.
trouble-person = Sertifikāti pieder dažādām personām.
trouble-person-next = Nekas netika nosūtīts. Abiem izmantojiet savu eID.
trouble-signature = Paraksts, ko deva Jūsu eID, nav pareizs.
trouble-signature-next = Nekas netika nosūtīts. Mēģiniet vēlreiz; ja tas atkārtojas, izmantojiet citu eID un paziņojiet tā izsniedzējam.
trouble-device = Karte vai lasītājs nedarbojās.
trouble-device-next = Nekas netika nosūtīts. Izņemiet karti, ievietojiet atpakaļ un mēģiniet vēlreiz.
trouble-wrong-election = Šajā adresē ir citas vēlēšanas, nevis tās, kurām ir Jūsu numurs, vai arī tās nav kārtībā.
trouble-wrong-election-next = Nekas netika nosūtīts. Salīdziniet adresi un numuru ar oficiālajā izdevumā nodrukāto. Ja tie ir pareizi, nebalsojiet šeit un paziņojiet vēlēšanu komisijai.
trouble-roll = Urna nepierāda, ka esat šī apgabala vēlētāju sarakstā.
trouble-roll-next = Balss netika nodota. Nebalsojiet šeit; paziņojiet vēlēšanu komisijai vai balsojiet uz papīra.
trouble-key = Šo vēlēšanu atslēgu nevar apstiprināt.
trouble-key-next = Nekas netika nosūtīts. Ja balsošana jau ir sākusies, nebalsojiet šeit un paziņojiet vēlēšanu komisijai.
trouble-promise = Urna neapstiprināja Jūsu balsi tā, kā tai jāapstiprina.
trouble-promise-next = Ieskatieties urnā. Paziņojiet vēlēšanu komisijai un balsojiet uz papīra, ja Jūsu balss tur nav.
trouble-broken = Urna ir lauzusi savu vārdu, un to pierāda tās pašas paraksti.
trouble-broken-next = Nododiet tālāk minēto datni vēlēšanu komisijai. Tad balsojiet vēlreiz vai uz papīra. Datne parāda, kas Jūs esat, bet ne to, ko izvēlējāties.
trouble-entropy = Šis dators nedod labus nejaušos skaitļus. Jūsu balss nebūtu aizklāta.
trouble-entropy-next = Nekas netika nosūtīts. Balsojiet no cita datora vai uz papīra.
trouble-eid-refused = Urna nepieņēma šo eID, lai pieteiktos.
trouble-eid-refused-next = Balss netika nodota. Pārbaudiet, vai Jūsu eID ir derīgs, un izmantojiet tādu, ko šajās vēlēšanās pieņem.
trouble-not-on-roll = Jūs neesat šo vēlēšanu vēlētāju sarakstā.
trouble-not-on-roll-next = Jautājiet vēlēšanu komisijai. Balss netika nodota.
trouble-roll-changed = Vēlētāju saraksts ir mainījies, kopš pieteicāties, un jūsu vēlēšanu apgabals var būt cits.
trouble-roll-changed-next = Piesakieties vēlreiz: lapa parādīs jūsu pašreizējo apgabalu. Šī balss netika nodota.
trouble-closed = Pašlaik balsis netiek pieņemtas, vai arī balsošana pa to laiku ir beigusies.
trouble-closed-next = Ieskatieties urnā, kas tur ir no Jums. Balss, kas urnā bija agrāk, joprojām tiek skaitīta.
trouble-other-ballot = Pa to laiku tika pieņemta cita Jūsu balss, tāpēc šī netika pieņemta.
trouble-other-ballot-next = Ieskatieties urnā. Ja otru balsi nodevāt ne Jūs, paziņojiet vēlēšanu komisijai un balsojiet vēlreiz.
trouble-sign-certificate = Paraksts nepieder tam eID, ar kuru pieteicāties.
trouble-sign-certificate-next = Balss netika nodota. Piesakieties un parakstiet ar vienu un to pašu eID.
trouble-not-accepted = Urna nepieņēma šo balsi.
trouble-not-accepted-next = Tā netiek skaitīta. Ieskatieties urnā un balsojiet vēlreiz: tiks izveidota jauna balss.
trouble-line = Urna nav sasniedzama.
trouble-line-next = Nekas nav zudis un nekas netika nosūtīts. Pārbaudiet interneta savienojumu un mēģiniet vēlreiz.
trouble-line-after = Savienojums pārtrūka, kad balss tika sūtīta. Vēl nav zināms, vai tā nonāca galā.
trouble-line-after-next = Nosūtiet to pašu balsi vēlreiz. Ja tā jau ir galā, Jūs saņemsiet apstiprinājumu; divu balsu nekad nebūs. Varat arī aizvērt programmu un palaist to vēlāk: tā vispirms pajautās par šo balsi.
trouble-line-proof = Jūsu balss ir pieņemta, bet savienojums pārtrūka, pirms pienāca apliecinājums.
trouble-line-proof-next = Jūsu balss ir urnā. Vēlāk paskatieties, vai tā ir publicēta.
trouble-session = Jūsu pieteikšanās ir beigusies.
trouble-session-next = Nekas netika parakstīts vai nosūtīts. Piesakieties vēlreiz.
trouble-unreadable = Datni nevar nolasīt.
trouble-unreadable-next = Nekas netika nosūtīts. Skatiet sīkāku informāciju tālāk un mēģiniet vēlreiz.
trouble-other = Notika kaut kas negaidīts.
trouble-other-next = Ieskatieties urnā, kas tur ir no Jums. Ja tas atkārtojas, jautājiet vēlēšanu komisijai vai balsojiet uz papīra.
