# The page in English. Plain words, no abbreviations; a sentence says one thing.

language-name = English
language-choose = Language
app-name = Hääl – internet voting
skip = Skip to the content
help-line = Nobody from the election will ever call you and ask for a PIN. If you need help, call the number on your voter card or in the gazette.
back = Back
continue = Continue
optional = (may be left empty)
quit = Finish and close
log-out = Log out
logged-in-as = Logged in as
idle-note = { $n ->
    [one] After { $n } minute without a click you are logged out; every click starts the time again.
   *[other] After { $n } minutes without a click you are logged out; every click starts the time again.
  }
idle-warning = You will soon be logged out, because nothing has been clicked for a long time. What you have chosen would be forgotten.
idle-stay = I am still here
program-gone = The voting program has ended. Nothing more happens in this window. You can close it and start the program again: it finds out whether your ballot arrived.
time-now = It is now

practice-mark = PRACTICE
practice-banner = This is a practice election. What you do here counts for nothing.

when = { $moment }, election time ({ $zone })
when-both = { $moment }, election time ({ $zone }). On this computer: { $local }
moment = { $day } { $month } { $year }, { $clock }
month = { $n ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
  }
span-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
  }
span-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
  }
span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
  }
state-voting = Voting is open for another { $span }.
state-ending = Voting is about to end.
state-last = Voting is ending: nobody can log in any more, but whoever is logged in may still finish.
state-suspended = Voting is suspended for the moment. Please try again later.
state-setup = Voting has not begun yet.
state-closed = Voting over the internet has ended.

start-title = Vote over the internet
kind-real = This is a real election. Your vote counts.
kind-practice = This is a practice election. Your vote counts for nothing.
voting-from = Voting begins
voting-until = Voting ends
election-id = Number of the election
election-id-help = Compare this number with the one printed in the gazette or on your voter card. If it is another, do not vote here.
election-id-where = 64 digits and letters from a to f; spaces do not matter. It is printed in the gazette and on your voter card.
start-vote = Continue to log in
start-look = Log in and look at your ballots
paper-wins = You can also vote on paper. A vote on paper replaces the vote over the internet.
other-election = Another election
enter-election = Which election?
collector-address = Address of the ballot box
collector-help = It begins with https:// and is printed beside the number of the election.
enter-button = Open this election

identify-title = Who are you?
identify-help = Choose the eID that you want to use for logging in. You will need the same one to sign.
identify-with = Log in: { $name }
identify-others = Not set up on this computer: { $name }. Whoever set this program up can add them when it is started (voter-app eid says how). Or use one that is offered above, another computer, or vote on paper.
means-card = ID card with a reader
means-card-help = Put the card into the reader first. You will be asked for PIN1.
means-folder = Folder of key files (for tests)
means-folder-help = A folder with the key files of a test eID.
means-files = Four key files
means-files-help = Two keys and two certificates as files.
means-pkcs12 = Key file with a password
means-pkcs12-help = Files with keys and certificates, protected by a password.
means-mobile-id = Mobile-ID
means-mobile-id-help = Have your phone at hand. A code is shown here; it must be the same on the phone.
means-smart-id = Smart-ID
means-smart-id-help = Have your phone at hand. A code is shown here; it must be the same on the phone.
means-web-eid = Web eID
means-web-eid-help = Put the card into the reader first. The Web eID program opens a window that asks for the PIN.
input-code = Personal code
input-language = Language on the phone: EST, ENG, RUS or LIT
input-phone = Phone number with country code, such as +37200000766
input-folder = Folder
input-person = Personal code, such as PNOEE-38001085718
input-login-key = File of the key for logging in
input-login-cert = File of the certificates for logging in
input-sign-key = File of the key for signing
input-sign-cert = File of the certificates for signing
input-file = Key file
input-sign-file = Key file for signing
notice-missing = Something is not filled in yet. Please fill in every field.
notice-bad-place = The address or the number of the election is not complete. The address begins with https:// and the number has 64 digits and letters.
notice-outdated = That was sent from a page that was no longer the current one. Nothing was changed. This is where you are now.
notice-changed = Your choices were changed in another window. Please look at them once more before you sign.
notice-idle = You were logged out, because nothing was clicked for a long time. A choice that was not signed is forgotten.
pin1 = PIN1
pin1-help = The PIN for logging in.
pin2 = PIN2
pin2-help = The PIN for signing. With it you sign your ballot and put it into the box.
password = Password of { $name }
password-help = The password of your key file.
tries-left = { $n ->
    [one] { $n } try is left.
   *[other] { $n } tries are left.
  }
code-compare = Look at your phone. Enter the PIN there only if it shows this code:
code-choose = Look at your phone. Choose this code there, then enter the PIN:
code-scan = Scan this code with the Smart-ID app on your phone, then enter the PIN there. The code changes every second.
code-elsewhere-1 = Enter PIN1 on the keys of the card reader, or in the window that has opened.
code-elsewhere-2 = Enter PIN2 on the keys of the card reader, or in the window that has opened.

wait-title = One moment
wait-help = Please wait. This page continues by itself.
wait-look = Look whether it is done
wait-entering = Opening and checking the election
wait-login = Logging in
wait-sealing = Encrypting your ballot
wait-signing = Signing your ballot
wait-sending = Putting your ballot into the box
wait-proving = Waiting for the proof
wait-opening = Opening the ballot for checking
wait-looking = Looking into the ballot box
stop = Stop

overview-title = Your ballot
you-are = You are logged in as
your-district = Your district
your-contests = You vote on
in-the-box = In the ballot box
box-empty = There is no ballot of yours in the box yet.
box-some = There is a ballot of yours in the box. You may vote again; only the last ballot counts.
box-counts = This one counts.
box-replaced = Replaced by a later one.
box-here = Cast from this computer.
box-elsewhere = Cast from another computer.
box-entry = Published as entry { $n } of the public board.
box-pending = Accepted; it will be published within a few minutes.
box-warning = The ballot that counts was not cast from this computer. If you cast it elsewhere, all is well. If you did not, somebody is using your eID: tell the election committee, and vote again.
begin = Vote now
begin-now = Vote now
begin-again = Vote again
again-help = A new ballot replaces the one in the box.
look-again = Look again
not-open = No ballots are taken at the moment.

contest-step = Question { $n } of { $of }
rule-one = Choose one.
rule-exactly = Choose exactly { $n }.
rule-up-to = Choose up to { $n }, or none.
rule-between = Choose from { $n } to { $of }.
rule-any = Choose as many as you like, or none.
rule-score = Give each from 0 to { $n } points.
rule-budget = Share out exactly { $n } points.
rule-rank = Put up to { $n } in the order that you want, the best first.
search = Search by name or list
search-found = Found: { $name }
blank = Blank vote: I choose none of them
no-choice = No choice
count-chosen = Chosen: { $name }.
count-shared = Shared out: { $name }.
limit-full = That is as many as may be chosen. To choose another, first take one away.
limit-too-many = You chose { $n }, but at most { $of } may be chosen. Take some away.
limit-too-few = You chose { $n }, but at least { $of } must be chosen.
limit-one = Please choose one.
limit-ranked = That is as many as may be put in order. To add another, first take one out.
limit-high = { $n } is too much: the highest is { $of }.
limit-sum = You shared out { $n }, but it must be exactly { $of }.
limit-blank = A blank vote chooses nobody. Take away either the blank vote or the others.
limit-number = Please enter whole numbers only.
ranking = Your order
ranking-empty = Nobody is in your order yet. Choose the best one first.
ranking-more = Not in your order
ranking-none = You may also leave the order empty.
rank-add = Add
rank-up = Up
rank-down = Down
rank-remove = Take out
notice-ranked = { $name } is now in place { $n }.
notice-unranked = { $name } is no longer in your order.

review-title = Is this right?
review-help = Read your choices once more. Nothing has been sent yet.
change = Change
blank-words = A blank vote
nothing-words = Nobody: no choice
review-again = This ballot replaces the one that is in the box.
sign-help = Your ballot is encrypted. With your signature it goes into the ballot box.
sign = Sign and put into the box
challenge-title = Do you want to test this program instead of trusting it?
challenge-help = You can have this encrypted ballot opened and published, so that anyone can check that it holds what is written above. Everyone can then read these choices, and this ballot can never count. Afterwards you vote with a new one. Do this with choices that are not your vote.
tracker-sealed = Tracker of the encrypted ballot:
challenge = Open this ballot and publish it

second-title = Check with a second device
second-help = Another device can show you what the public board holds for you. Open there the page of an organisation that you trust, and scan or type the code.
second-show = Show the code
second-warn = As long as the code works, whoever sees it can see your choice. Show it to nobody.
second-none = This ballot has no code for a second device. It was sent by a run of the program that has ended, and what a code is made from is never kept. If you want to check with a second device, vote again: the last ballot counts.

receipt-title = Your ballot is in the box
receipt-practice = Your practice ballot is in the box
receipt-before = The line was cut when you voted before, but that ballot did arrive. No second ballot was made.
receipt-replaces = It replaces the ballot that you cast before.
tracker = Tracker
tracker-help = Write this tracker down or print this page. With it you find your ballot on the public board. It does not tell what you chose.
receipt-proved = The proof has been checked.
receipt-entry = Your ballot is entry { $n } of the public board, under the signatures of the ballot box and of independent witnesses ({ $of }).
receipt-promised = The ballot box has taken your ballot and has signed for it.
receipt-deadline = It will be published by { $name } at the latest. You may wait here for the proof, or close this page and look later.
next-title = What to do now
next-keep = Keep the tracker.
next-check = Look whether your ballot is in the box, also from another computer.
next-again = If you change your mind, vote again: only the last ballot counts.
next-paper = If you vote on paper, the paper counts.
look = Look into the ballot box

opened-title = This ballot was opened for checking
opened-not-a-vote = This was not a vote. You have yet to vote.
opened-help = The program says that the opened ballot holds the choices below. Save it and check it with another program, for example on another computer.
opened-save = Save the opened ballot

bye-title = Goodbye
bye-help = The program has ended. You can close this window. If you used an ID card, take it out of the reader.

stranger-title = Not here
stranger-origin = This page answers only the browser that the voting program has opened.
stranger-unknown = This page belongs to another window. Start the voting program to open a new one.
stranger-spent = This address has been used already; it works only once. If that was not you, end the voting program and start it again.

trouble-title = That did not work
trouble-next = What to do now
trouble-file = This file was written for the election committee:
trouble-detail = Details for whoever helps you
way-start = Back to the first page
way-identify = Log in again
way-overview = Look into the ballot box
way-review = Back to your ballot
way-resend = Send the same ballot once more
trouble-pin = The PIN was wrong.
trouble-pin-next = Nothing was signed. Try again with the right PIN.
trouble-pin-blocked = The PIN is blocked, because it was entered wrongly too often.
trouble-pin-blocked-next = Nothing was signed. Unblock it with your PUK, use another eID, or vote on paper.
trouble-password = The password was wrong.
trouble-password-next = Nothing was signed. Try again with the right password.
trouble-no-card = No ID card was found.
trouble-no-card-next = Put the card into the reader, and try again.
trouble-card-removed = The card was taken out too early.
trouble-card-removed-next = Put the card back and leave it in the reader until you are done. Then try again; a ballot is never cast twice.
trouble-cancelled = You stopped it.
trouble-cancelled-next = Nothing was signed or sent. Continue whenever you like.
trouble-refused = It was refused on your device.
trouble-refused-next = Nothing was signed. If that was not you, tell the provider of your eID. Otherwise try again.
trouble-timed-out = Nobody answered on the phone in time.
trouble-timed-out-next = Nothing was signed. Have the phone at hand and try again.
trouble-wrong-code = Another code was chosen on the phone than the one shown here.
trouble-wrong-code-next = Nothing was signed. Try again and compare the codes. If your phone asks although you did not begin, refuse.
trouble-phone = The phone cannot be reached.
trouble-phone-next = Nothing was signed. Check that it is switched on and has a signal. Then try again.
trouble-unknown = No eID is known for what you entered.
trouble-unknown-next = Check the phone number and the personal code, and try again.
trouble-service = The service of your eID does not work at the moment.
trouble-service-next = Nothing was signed. Try again later, use another eID, or vote on paper.
trouble-certificate = This eID cannot be used for voting.
trouble-certificate-next = It needs one certificate for logging in and one for signing. Use another eID, or vote on paper.
trouble-person = The two certificates belong to different persons.
trouble-person-next = Nothing was sent. Use your own eID for both.
trouble-signature = The signature that your eID gave is not right.
trouble-signature-next = Nothing was sent. Try again; if it happens once more, use another eID and tell its provider.
trouble-device = The card or the reader did not work.
trouble-device-next = Nothing was sent. Take the card out, put it back, and try again.
trouble-wrong-election = This address has another election than the one with your number, or one that is not in order.
trouble-wrong-election-next = Nothing was sent. Compare address and number with what is printed in the gazette. If they are right, do not vote here and tell the election committee.
trouble-roll = The ballot box does not prove that you are on the voter roll with this district.
trouble-roll-next = No ballot was handed in. Do not vote here; tell the election committee, or vote on paper.
trouble-key = The key of this election cannot be confirmed.
trouble-key-next = Nothing was sent. If voting has begun, do not vote here and tell the election committee.
trouble-promise = The ballot box did not confirm your ballot as it must.
trouble-promise-next = Look into the ballot box. Tell the election committee, and vote on paper if your ballot is not there.
trouble-broken = The ballot box has broken its word, and its own signatures prove it.
trouble-broken-next = Give the file named below to the election committee. Then vote again, or on paper. The file shows who you are, and not what you chose.
trouble-entropy = This computer draws no good random numbers. Your vote would not be secret.
trouble-entropy-next = Nothing was sent. Vote from another computer, or on paper.
trouble-eid-refused = The ballot box did not accept this eID for logging in.
trouble-eid-refused-next = No ballot was handed in. Check that your eID is valid, and use one that this election accepts.
trouble-not-on-roll = You are not on the voter roll of this election.
trouble-not-on-roll-next = Ask the election committee. No ballot was handed in.
trouble-roll-changed = The voter roll has changed since you logged in, and your district may be another one.
trouble-roll-changed-next = Log in again: the page shows your district as it is now. This ballot was not handed in.
trouble-closed = No ballots are taken at the moment, or voting has ended meanwhile.
trouble-closed-next = Look into the ballot box to see what is there for you. What was in the box before still counts.
trouble-other-ballot = Another ballot of yours was accepted meanwhile, so this one was not.
trouble-other-ballot-next = Look into the ballot box. If you did not cast the other one, tell the election committee, and vote again.
trouble-sign-certificate = The signature does not belong to the eID that you logged in with.
trouble-sign-certificate-next = No ballot was handed in. Log in and sign with the same eID.
trouble-not-accepted = The ballot box did not accept this ballot.
trouble-not-accepted-next = It does not count. Look into the ballot box, and vote once more: a new ballot is made.
trouble-line = The ballot box cannot be reached.
trouble-line-next = Nothing is lost, and nothing was sent. Check your connection to the internet and try again.
trouble-line-after = The line was cut when your ballot was sent. It is not known yet whether it arrived.
trouble-line-after-next = Send the same ballot once more. If it has arrived already, you get its receipt; there will never be two. You can also close the program and start it again later: it asks for this ballot first.
trouble-line-proof = Your ballot was taken, but the line was cut before its proof arrived.
trouble-line-proof-next = Your ballot is in the box. Look later whether it is published.
trouble-session = Your login has ended.
trouble-session-next = Nothing was signed or sent. Log in again.
trouble-unreadable = A file cannot be read.
trouble-unreadable-next = Nothing was sent. See the details below, and try again.
trouble-other = Something unexpected happened.
trouble-other-next = Look into the ballot box to see what is there for you. If this goes on, ask the election committee, or vote on paper.
