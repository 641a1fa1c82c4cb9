# Leht eesti keeles. Lihtsad sõnad, ilma lühenditeta; iga lause ütleb üht asja.

language-name = Eesti
language-choose = Keel
app-name = Hääl – hääletamine internetis
skip = Liigu sisu juurde
help-line = Keegi valimiste korraldajate poolt ei helista Teile kunagi ega küsi PIN-koodi. Abi saamiseks helistage numbril, mis on valijakaardil või Riigi Teatajas.
back = Tagasi
continue = Edasi
optional = (võib tühjaks jätta)
quit = Lõpeta ja sulge
log-out = Logi välja
logged-in-as = Sisse logitud:
idle-note = { $n ->
    [one] Kui { $n } minuti jooksul midagi ei vajutata, logitakse Teid välja; iga vajutus alustab aega uuesti.
   *[other] Kui { $n } minuti jooksul midagi ei vajutata, logitakse Teid välja; iga vajutus alustab aega uuesti.
  }
idle-warning = Teid logitakse varsti välja, sest kaua aega pole midagi vajutatud. Tehtud valik läheks kaotsi.
idle-stay = Olen veel siin
program-gone = Hääletamisprogramm on lõpetanud. Selles aknas midagi enam ei juhtu. Võite akna sulgeda ja programmi uuesti käivitada: see selgitab välja, kas Teie hääl jõudis kohale.
time-now = Praegu on

practice-mark = PROOV
practice-banner = See on proovihääletus. Siin tehtul ei ole mingit tähendust valimistele.

when = { $moment } valimiste aja järgi ({ $zone })
when-both = { $moment } valimiste aja järgi ({ $zone }). Selles arvutis: { $local }
moment = { $day }. { $month } { $year }, kell { $clock }
month = { $n ->
    [1] jaanuar
    [2] veebruar
    [3] märts
    [4] aprill
    [5] mai
    [6] juuni
    [7] juuli
    [8] august
    [9] september
    [10] oktoober
    [11] november
   *[12] detsember
  }
span-minutes = { $n ->
    [one] { $n } minut
   *[other] { $n } minutit
  }
span-hours = { $n ->
    [one] { $n } tund
   *[other] { $n } tundi
  }
span-days = { $n ->
    [one] { $n } päev
   *[other] { $n } päeva
  }
state-voting = Hääletamine on avatud. Lõpuni on jäänud { $span }.
state-ending = Hääletamine on kohe lõppemas.
state-last = Hääletamine on lõppemas: sisse logida enam ei saa, kuid juba sisse loginud valijad saavad hääletamise lõpetada.
state-suspended = Hääletamine on praegu peatatud. Palun proovige hiljem uuesti.
state-setup = Hääletamine ei ole veel alanud.
state-closed = Hääletamine internetis on lõppenud.

start-title = Hääletamine internetis
kind-real = Need on päris valimised. Teie hääl läheb arvesse.
kind-practice = See on proovihääletus. Teie hääl ei lähe arvesse.
voting-from = Hääletamine algab
voting-until = Hääletamine lõpeb
election-id = Valimiste number
election-id-help = Võrrelge seda numbrit Riigi Teatajas või valijakaardil olevaga. Kui see on teistsugune, ärge siin hääletage.
election-id-where = 64 numbrit ja tähte a-st f-ini; tühikud ei loe. See on trükitud Riigi Teatajas ja valijakaardil.
start-vote = Edasi sisse logima
start-look = Logi sisse ja vaata oma hääli
paper-wins = Hääletada saab ka pabersedeliga. Pabersedeliga antud hääl asendab internetis antud hääle.
other-election = Teised valimised
enter-election = Millised valimised?
collector-address = Valimiskasti aadress
collector-help = See algab märkidega https:// ja on trükitud valimiste numbri kõrval.
enter-button = Ava need valimised

identify-title = Kes Te olete?
identify-help = Valige, millega soovite sisse logida. Sama vahendit on vaja ka allkirjastamiseks.
identify-with = Logi sisse: { $name }
identify-others = Selles arvutis ei ole seadistatud: { $name }. Programmi paigaldaja saab need käivitamisel lisada (juhis: voter-app eid). Või kasutage mõnda ülaltoodut, teist arvutit või hääletage paberil.
means-card = ID-kaart ja kaardilugeja
means-card-help = Pange kõigepealt kaart lugejasse. Teilt küsitakse PIN1-koodi.
means-folder = Võtmefailide kaust (katsetamiseks)
means-folder-help = Kaust, kus on katse-eID võtmefailid.
means-files = Neli võtmefaili
means-files-help = Kaks võtit ja kaks sertifikaati failidena.
means-pkcs12 = Parooliga võtmefail
means-pkcs12-help = Parooliga kaitstud failid, kus on võtmed ja sertifikaadid.
means-mobile-id = Mobiil-ID
means-mobile-id-help = Hoidke telefon käepärast. Siin näidatakse koodi; telefonis peab olema sama kood.
means-smart-id = Smart-ID
means-smart-id-help = Hoidke telefon käepärast. Siin näidatakse koodi; telefonis peab olema sama kood.
means-web-eid = Web eID
means-web-eid-help = Pange kõigepealt kaart lugejasse. Web eID programm avab akna ja küsib PIN-koodi.
input-code = Isikukood
input-language = Keel telefonis: EST, ENG, RUS või LIT
input-phone = Telefoninumber koos riigi koodiga, näiteks +37200000766
input-folder = Kaust
input-person = Isikukood kujul PNOEE-38001085718
input-login-key = Sisselogimise võtme fail
input-login-cert = Sisselogimise sertifikaatide fail
input-sign-key = Allkirjastamise võtme fail
input-sign-cert = Allkirjastamise sertifikaatide fail
input-file = Võtmefail
input-sign-file = Allkirjastamise võtmefail
notice-missing = Midagi on veel täitmata. Palun täitke kõik väljad.
notice-bad-place = Aadress või valimiste number ei ole täielik. Aadress algab märkidega https:// ja numbris on 64 numbrit ja tähte.
notice-outdated = See saadeti lehelt, mis ei olnud enam kehtiv. Midagi ei muudetud. Olete nüüd siin.
notice-changed = Teie valikuid muudeti teises aknas. Palun vaadake need enne allkirjastamist veel kord üle.
notice-idle = Teid logiti välja, sest kaua aega ei vajutatud midagi. Allkirjastamata valik on unustatud.
pin1 = PIN1
pin1-help = Sisselogimise PIN-kood.
pin2 = PIN2
pin2-help = Allkirjastamise PIN-kood. Sellega allkirjastate oma hääle ja panete selle valimiskasti.
password = Faili { $name } parool
password-help = Teie võtmefaili parool.
tries-left = { $n ->
    [one] Jäänud on { $n } katse.
   *[other] Jäänud on { $n } katset.
  }
code-compare = Vaadake telefoni. Sisestage seal PIN-kood ainult siis, kui telefonis on sama kood:
code-choose = Vaadake telefoni. Valige seal see kood ja sisestage siis PIN-kood:
code-scan = Skannige see kood telefonis Smart-ID rakendusega ja sisestage siis seal PIN-kood. Kood muutub iga sekund.
code-elsewhere-1 = Sisestage PIN1 kaardilugeja klahvidel või avanenud aknas.
code-elsewhere-2 = Sisestage PIN2 kaardilugeja klahvidel või avanenud aknas.

wait-title = Üks hetk
wait-help = Palun oodake. Leht liigub ise edasi.
wait-look = Vaata, kas on valmis
wait-entering = Valimiste avamine ja kontrollimine
wait-login = Sisselogimine
wait-sealing = Hääle krüpteerimine
wait-signing = Hääle allkirjastamine
wait-sending = Hääle panemine valimiskasti
wait-proving = Tõendi ootamine
wait-opening = Hääle avamine kontrollimiseks
wait-looking = Valimiskasti vaatamine
stop = Katkesta

overview-title = Teie hääl
you-are = Olete sisse loginud kui
your-district = Teie valimisringkond
your-contests = Hääletate järgmistes küsimustes
in-the-box = Valimiskastis
box-empty = Teie häält ei ole veel valimiskastis.
box-some = Teie hääl on valimiskastis. Võite uuesti hääletada; arvesse läheb ainult viimane hääl.
box-counts = See läheb arvesse.
box-replaced = Asendatud hilisema häälega.
box-here = Antud sellest arvutist.
box-elsewhere = Antud teisest arvutist.
box-entry = Avaldatud avalikul tahvlil kirjena { $n }.
box-pending = Vastu võetud; avaldatakse mõne minuti jooksul.
box-warning = Arvesse minev hääl ei ole antud sellest arvutist. Kui andsite selle mujal, on kõik korras. Kui mitte, kasutab keegi Teie eID-d: teatage sellest valimiskomisjonile ja hääletage uuesti.
begin = Hääleta
begin-now = Hääleta
begin-again = Hääleta uuesti
again-help = Uus hääl asendab valimiskastis oleva hääle.
look-again = Vaata uuesti
not-open = Praegu hääli vastu ei võeta.

contest-step = Küsimus { $n }, kokku { $of }
rule-one = Valige üks.
rule-exactly = Valige täpselt { $n }.
rule-up-to = Valige kuni { $n } või mitte ühtegi.
rule-between = Valige { $n } kuni { $of }.
rule-any = Valige nii mitu, kui soovite, või mitte ühtegi.
rule-score = Andke igaühele 0 kuni { $n } punkti.
rule-budget = Jagage ära täpselt { $n } punkti.
rule-rank = Pange kuni { $n } soovitud järjekorda, parim esimesena.
search = Otsi nime või nimekirja järgi
search-found = Leitud: { $name }
blank = Tühi hääl: ma ei vali kedagi neist
no-choice = Ei vali
count-chosen = Valitud: { $name }.
count-shared = Ära jagatud: { $name }.
limit-full = Rohkem valida ei saa. Teise valimiseks võtke enne mõni valik tagasi.
limit-too-many = Valisite { $n }, aga valida võib kõige rohkem { $of }. Võtke mõni valik tagasi.
limit-too-few = Valisite { $n }, aga valida tuleb vähemalt { $of }.
limit-one = Palun valige üks.
limit-ranked = Rohkem järjekorda panna ei saa. Teise lisamiseks võtke enne keegi välja.
limit-high = { $n } on liiga palju: kõige rohkem võib anda { $of }.
limit-sum = Jagasite ära { $n }, aga jagada tuleb täpselt { $of }.
limit-blank = Tühja häälega ei valita kedagi. Võtke tagasi kas tühi hääl või teised valikud.
limit-number = Palun sisestage ainult täisarve.
ranking = Teie järjekord
ranking-empty = Järjekorras pole veel kedagi. Valige kõigepealt parim.
ranking-more = Järjekorrast väljas
ranking-none = Järjekorra võib jätta ka tühjaks.
rank-add = Lisa
rank-up = Üles
rank-down = Alla
rank-remove = Võta välja
notice-ranked = { $name } on nüüd kohal { $n }.
notice-unranked = { $name } ei ole enam Teie järjekorras.

review-title = Kas nii on õige?
review-help = Lugege oma valikud veel kord läbi. Midagi ei ole veel saadetud.
change = Muuda
blank-words = Tühi hääl
nothing-words = Mitte keegi: valikut ei ole tehtud
review-again = See hääl asendab valimiskastis oleva hääle.
sign-help = Teie hääl on krüpteeritud. Teie allkirjaga läheb see valimiskasti.
sign = Allkirjasta ja pane valimiskasti
challenge-title = Kas soovite programmi usaldamise asemel seda kontrollida?
challenge-help = Võite lasta selle krüpteeritud hääle avada ja avaldada, et igaüks saaks kontrollida, kas selles on see, mis siin kirjas. Siis saavad neid valikuid kõik lugeda ja see hääl ei lähe kunagi arvesse. Pärast hääletate uue häälega. Tehke seda valikutega, mis ei ole Teie tegelik hääl.
tracker-sealed = Krüpteeritud hääle tunnus:
challenge = Ava see hääl ja avalda

second-title = Kontrolli teise seadmega
second-help = Teine seade saab Teile näidata, mida avalik tahvel Teie jaoks hoiab. Avage seal usaldatava organisatsiooni leht ning skannige või sisestage kood.
second-show = Näita koodi
second-warn = Kuni kood kehtib, näeb Teie valikut igaüks, kes koodi näeb. Ärge näidake seda kellelegi.
second-none = Sellel häälel ei ole teise seadme koodi. Selle saatis programm, mis on vahepeal lõppenud, ja seda, millest kood tehakse, ei hoita alles. Kui soovite teise seadmega kontrollida, hääletage uuesti: arvesse läheb viimane hääl.

receipt-title = Teie hääl on valimiskastis
receipt-practice = Teie proovihääl on valimiskastis
receipt-before = Eelmisel hääletamisel katkes ühendus, kuid see hääl jõudis kohale. Teist häält ei tehtud.
receipt-replaces = See asendab Teie varem antud hääle.
tracker = Hääle tunnus
tracker-help = Kirjutage tunnus üles või trükkige see leht välja. Selle järgi leiate oma hääle avalikult tahvlilt. See ei ütle, keda valisite.
receipt-proved = Tõend on kontrollitud.
receipt-entry = Teie hääl on avaliku tahvli kirje { $n }, mille on allkirjastanud valimiskast ja sõltumatud tunnistajad ({ $of }).
receipt-promised = Valimiskast on Teie hääle vastu võtnud ja selle kohta allkirja andnud.
receipt-deadline = Hääl avaldatakse hiljemalt { $name }. Võite siin tõendit oodata või lehe sulgeda ja hiljem vaadata.
next-title = Mida nüüd teha
next-keep = Hoidke tunnus alles.
next-check = Vaadake, kas Teie hääl on valimiskastis, ka mõnest teisest arvutist.
next-again = Kui mõtlete ümber, hääletage uuesti: arvesse läheb ainult viimane hääl.
next-paper = Kui hääletate pabersedeliga, läheb arvesse pabersedel.
look = Vaata valimiskasti

opened-title = See hääl avati kontrollimiseks
opened-not-a-vote = See ei olnud hääletamine. Teil on veel vaja hääletada.
opened-help = Programm ütleb, et avatud hääles on allpool olevad valikud. Salvestage see ja kontrollige mõne teise programmiga, näiteks teises arvutis.
opened-save = Salvesta avatud hääl

bye-title = Head aega
bye-help = Programm on lõpetanud. Võite selle akna sulgeda. Kui kasutasite ID-kaarti, võtke see lugejast välja.

stranger-title = Siin mitte
stranger-origin = See leht vastab ainult sellele veebilehitsejale, mille hääletamisprogramm avas.
stranger-unknown = See leht kuulub teisele aknale. Uue avamiseks käivitage hääletamisprogramm.
stranger-spent = Seda aadressi on juba kasutatud; see kehtib ainult ühe korra. Kui see ei olnud Teie, lõpetage hääletamisprogramm ja käivitage see uuesti.

trouble-title = See ei õnnestunud
trouble-next = Mida nüüd teha
trouble-file = Valimiskomisjoni jaoks kirjutati see fail:
trouble-detail = Üksikasjad Teie abistajale
way-start = Tagasi esimesele lehele
way-identify = Logi uuesti sisse
way-overview = Vaata valimiskasti
way-review = Tagasi oma hääle juurde
way-resend = Saada sama hääl veel kord
trouble-pin = PIN-kood oli vale.
trouble-pin-next = Midagi ei allkirjastatud. Proovige uuesti õige PIN-koodiga.
trouble-pin-blocked = PIN-kood on lukustatud, sest seda sisestati liiga palju kordi valesti.
trouble-pin-blocked-next = Midagi ei allkirjastatud. Avage see PUK-koodiga, kasutage teist vahendit või hääletage pabersedeliga.
trouble-password = Parool oli vale.
trouble-password-next = Midagi ei allkirjastatud. Proovige uuesti õige parooliga.
trouble-no-card = ID-kaarti ei leitud.
trouble-no-card-next = Pange kaart lugejasse ja proovige uuesti.
trouble-card-removed = Kaart võeti liiga vara välja.
trouble-card-removed-next = Pange kaart tagasi ja jätke lugejasse, kuni olete valmis. Siis proovige uuesti; häält ei anta kunagi kaks korda.
trouble-cancelled = Katkestasite tegevuse.
trouble-cancelled-next = Midagi ei allkirjastatud ega saadetud. Jätkake siis, kui soovite.
trouble-refused = Teie seadmes keelduti.
trouble-refused-next = Midagi ei allkirjastatud. Kui see ei olnud Teie, teatage sellest oma eID väljaandjale. Muidu proovige uuesti.
trouble-timed-out = Telefonis ei vastatud õigel ajal.
trouble-timed-out-next = Midagi ei allkirjastatud. Võtke telefon kätte ja proovige uuesti.
trouble-wrong-code = Telefonis valiti teine kood kui see, mida siin näidati.
trouble-wrong-code-next = Midagi ei allkirjastatud. Proovige uuesti ja võrrelge koode. Kui telefon küsib midagi, mida Te ei alustanud, keelduge.
trouble-phone = Telefoniga ei saa ühendust.
trouble-phone-next = Midagi ei allkirjastatud. Kontrollige, et telefon on sisse lülitatud ja levis. Siis proovige uuesti.
trouble-unknown = Sisestatud andmetega eID-d ei leitud.
trouble-unknown-next = Kontrollige telefoninumbrit ja isikukoodi ning proovige uuesti.
trouble-service = Teie eID teenus praegu ei tööta.
trouble-service-next = Midagi ei allkirjastatud. Proovige hiljem, kasutage teist vahendit või hääletage pabersedeliga.
trouble-certificate = Selle eID-ga ei saa hääletada.
trouble-certificate-next = Vaja on üht sertifikaati sisselogimiseks ja üht allkirjastamiseks. Kasutage teist vahendit või hääletage pabersedeliga.
trouble-person = Sertifikaadid kuuluvad erinevatele isikutele.
trouble-person-next = Midagi ei saadetud. Kasutage mõlema jaoks oma eID-d.
trouble-signature = Teie eID antud allkiri ei ole õige.
trouble-signature-next = Midagi ei saadetud. Proovige uuesti; kui see kordub, kasutage teist vahendit ja teatage selle väljaandjale.
trouble-device = Kaart või kaardilugeja ei töötanud.
trouble-device-next = Midagi ei saadetud. Võtke kaart välja, pange tagasi ja proovige uuesti.
trouble-wrong-election = Sellel aadressil on teised valimised kui Teie numbriga valimised või need ei ole korras.
trouble-wrong-election-next = Midagi ei saadetud. Võrrelge aadressi ja numbrit Riigi Teatajas trükituga. Kui need on õiged, ärge siin hääletage ja teatage sellest valimiskomisjonile.
trouble-roll = Valimiskast ei tõenda, et olete selles ringkonnas valijate nimekirjas.
trouble-roll-next = Häält ei antud. Ärge siin hääletage; teatage sellest valimiskomisjonile või hääletage pabersedeliga.
trouble-key = Nende valimiste võtit ei saa kinnitada.
trouble-key-next = Midagi ei saadetud. Kui hääletamine on juba alanud, ärge siin hääletage ja teatage sellest valimiskomisjonile.
trouble-promise = Valimiskast ei kinnitanud Teie häält nii, nagu peab.
trouble-promise-next = Vaadake valimiskasti. Teatage sellest valimiskomisjonile ja hääletage pabersedeliga, kui Teie häält seal ei ole.
trouble-broken = Valimiskast on oma lubadust rikkunud ja tema enda allkirjad tõendavad seda.
trouble-broken-next = Andke allpool nimetatud fail valimiskomisjonile. Siis hääletage uuesti või pabersedeliga. Fail näitab, kes Te olete, aga mitte seda, keda valisite.
trouble-entropy = See arvuti ei anna häid juhuarve. Teie hääl ei oleks salajane.
trouble-entropy-next = Midagi ei saadetud. Hääletage teisest arvutist või pabersedeliga.
trouble-eid-refused = Valimiskast ei võtnud seda eID-d sisselogimiseks vastu.
trouble-eid-refused-next = Häält ei antud. Kontrollige, et Teie eID kehtib, ja kasutage vahendit, mida nendel valimistel lubatakse.
trouble-not-on-roll = Teid ei ole nende valimiste valijate nimekirjas.
trouble-not-on-roll-next = Küsige valimiskomisjonilt. Häält ei antud.
trouble-roll-changed = Valijate nimekiri on pärast teie sisselogimist muutunud ja teie ringkond võib olla teine.
trouble-roll-changed-next = Logige uuesti sisse: leht näitab teie praegust ringkonda. Seda häält ei antud.
trouble-closed = Praegu hääli vastu ei võeta või on hääletamine vahepeal lõppenud.
trouble-closed-next = Vaadake valimiskastist, mis Teie nimel seal on. Varem kastis olnud hääl kehtib edasi.
trouble-other-ballot = Vahepeal võeti vastu Teie teine hääl, seepärast seda häält vastu ei võetud.
trouble-other-ballot-next = Vaadake valimiskasti. Kui Te teist häält ei andnud, teatage sellest valimiskomisjonile ja hääletage uuesti.
trouble-sign-certificate = Allkiri ei kuulu sellele eID-le, millega sisse logisite.
trouble-sign-certificate-next = Häält ei antud. Logige sisse ja allkirjastage sama eID-ga.
trouble-not-accepted = Valimiskast ei võtnud seda häält vastu.
trouble-not-accepted-next = See ei lähe arvesse. Vaadake valimiskasti ja hääletage veel kord: tehakse uus hääl.
trouble-line = Valimiskastiga ei saa ühendust.
trouble-line-next = Midagi ei ole kadunud ja midagi ei saadetud. Kontrollige internetiühendust ja proovige uuesti.
trouble-line-after = Ühendus katkes hääle saatmisel. Ei ole veel teada, kas hääl jõudis kohale.
trouble-line-after-next = Saatke sama hääl veel kord. Kui see on juba kohal, saate selle kohta kinnituse; kaht häält sellest kunagi ei saa. Võite programmi ka sulgeda ja hiljem uuesti käivitada: see küsib kõigepealt selle hääle kohta.
trouble-line-proof = Teie hääl võeti vastu, kuid ühendus katkes enne tõendi saabumist.
trouble-line-proof-next = Teie hääl on valimiskastis. Vaadake hiljem, kas see on avaldatud.
trouble-session = Teie sisselogimine on lõppenud.
trouble-session-next = Midagi ei allkirjastatud ega saadetud. Logige uuesti sisse.
trouble-unreadable = Faili ei saa lugeda.
trouble-unreadable-next = Midagi ei saadetud. Vaadake allpool üksikasju ja proovige uuesti.
trouble-other = Juhtus midagi ootamatut.
trouble-other-next = Vaadake valimiskastist, mis Teie nimel seal on. Kui see kordub, küsige valimiskomisjonilt või hääletage pabersedeliga.
