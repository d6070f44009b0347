"""Given names common in Britain, for marking them in quotations. Written for this project."""

from __future__ import annotations

_NAMES = """
aaliyah aaron abbie abby abdul abdullah abigail abu adam adele adrian agata agnes ahmad ahmed
aidan aiden aimee aisha ajay alan albert alex alexander alexandra alexis alfie alfred ali alia
alice alicia alisha alison allan amanda amara amber amelia amelie amina amir amira amit amy ana
andre andrea andreea andrew andrzej angela angus anika anisa anita ann anna annabelle anne annie
anthony antonia anwar anya aoife april arabella archie ariana arjun arlo arthur arun asha asher
ashley ashton asia asif asma astrid athena aurora austin ava ayaan ayesha ayla aziz bailey
barbara barry bartosz beata beatrice becky belinda bella ben benjamin bernadette bernard beth
bethan bethany betty beverley bilal billy bob bobby bogdan bonnie bradley brandon brenda brian
bridget bronwyn brooke bruce bryan caitlin callum calum cameron camila carl carla carly carol
caroline carolyn carrie carys casey catherine cathy catrin cerys chantelle charlene charles
charlie charlotte chelsea cheryl chidi chloe chris christian christina christine christopher
cian ciara claire clara clare claudia clive clodagh colin connie connor conor corey courtney
craig crystal curtis cynthia daisy dale damian damien dan daniel daniela danielle danny daphne
darcey darcy daria darius darren dave david dawid dawn dean debbie deborah declan delroy denis
denise dennis derek desmond devon dexter diana diane dilys dmitri dominic dominik donald donna
doreen doris dorothy douglas duncan dwayne dylan ebony eddie edith edward edwin eileen eilidh
eirlys ela elaine eleanor elena eleri eli elias elijah elin eliot elise eliza elizabeth ella
ellen ellie elliot elliott ellis elsie elspeth emeka emil emilia emily emma eoin eric erica erin
esme esther ethan ethel eugene eva evan eve evelyn evie ewa ewan ezra faisal farah farhan fatema
fatima fatimah felicity felix fergus fernando ffion filip finlay finley finn fiona fleur
florence fola frances francesca francis frank frankie fraser fred freddie frederick freya
gabriel gabriela gail gareth garry gary gavin gemma geoff geoffrey george georgia georgie
georgina gerald geraldine gerard gerry gethin giles gillian gina gladys glen glenn glenys gordon
graeme graham grant greg gregory greta grzegorz guy gwen gwyneth habiba haider hamza hana hannah
hari harley harold haroon harper harriet harrison harry harvey hasan hassan hayden hayley hazel
heather heidi helen helena henry hilary hollie holly howard hubert hugh hugo humphrey hussain
hywel iain ian ibrahim ieuan ifan iman imogen imran indie ingrid ioan iqra irene iris isaac
isabel isabella isabelle isaiah isha isla ismail ivan ivy iwan jack jackie jackson jacob
jacqueline jacqui jade jaden jadwiga jake jakub jamal james jamie jan jane janet janice janine
jared jasmin jasmine jason jasper jaxon jay jayden jayne jean jeanette jeff jeffrey jemima jemma
jenna jennifer jenny jeremy jerome jess jesse jessica jill jimmy joan joanna joanne joe joel
john johnny jon jonah jonathan jordan joseph josephine josh joshua josie joyce juan jude judith
judy julia julian julie june justin kacper kai karen karim karl karolina kasia kat kate
katherine kathleen kathryn kathy katie katrina katy kay kayla kayleigh keeley keira keith kelly
kelsey ken kenneth kerry kevin keziah khadija khalid khan kian kiera kieran kim kimberley
kimberly kiran kirsten kirsty krishna krystian kuba kurt kwame kyle lacey lara laura lauren
laurence lauryn layla leah leanne lee leila lena lennon leo leon leonard leroy lesley leslie
levi lewis lexi liam libby lila lilian lillian lilly lily linda lindsay lindsey lisa llinos
logan lois lola loretta lorna lorraine lottie louie louis louisa louise luca lucas lucia lucy
luis lukas luke luna lydia lynda lyndsey lynette lynn lynne mabel macey maciej mackenzie
maddison madeleine madison magda magdalena maggie mahmood maisie malachi malcolm malgorzata
mandy manuel marcel marcin marcus margaret maria mariam marian marianne marie marilyn marina
mario marion marius marjorie marlene marta martha martin martyn marvin mary maryam mason mateusz
mathew matilda matt matthew maureen maurice max maxwell maya megan mehmet mel melanie melissa
mercedes mia michael michal michelle miguel mihai mike mila miles millie milly miriam mohamed
mohammad mohammed moira molly monica monika morgan morris muhammad muriel musa mustafa myla
nadia nadine nancy naomi nasreen natalia natalie natasha nathan nathaniel neil nell nerys ngozi
nia niamh nicholas nick nicky nicola nicolae nicole nigel nikita nikki nina noah noel nora
noreen norma norman nuala oisin ola olga olive oliver olivia ollie olu omar oscar osian owain
owen pamela parminder pat patience patrice patricia patrick patrycja paul paula pauline pawel
penelope penny perry pete peter petra phil philip philippa phillip phoebe phyllis piotr polly
poppy preston priya przemyslaw quentin rabia rachael rachel rahul raj rajesh ralph ramona rania
rashid raymond rebecca reece reggie reginald rehana rhian rhiannon rhona rhys ricardo richard
rick ricky riley rita robert roberta robin robyn rodney roger roisin roland roman ron ronald
ronan ronnie rory rosa rosalind rosemary rosie roxanne roy ruby rupert russell ruth ryan saanvi
sabrina sadia safiya sahil saima salim sally salma sam samantha samina samira samuel sandra
sanjay santiago sara sarah sasha saul savannah scarlett scott sean sebastian seren shabana
shahid shane shannon sharon shaun shauna shazia sheila shelley sheryl shirley shivani sian
sienna silvia simon simone sinead siobhan sofia sonia sonya sophia sophie spencer stacey stan
stanley stefan stella stephanie stephen steve steven stewart stuart sue sunita susan susanne
suzanne suzie sylvia szymon tabitha tamara tamsin tania tanisha tanya tara tariq tasha tatiana
taylor ted terence teresa terry tess tessa theo theodore theresa thomas tia tiffany tilly tim
timothy tina toby todd tom tomasz tommy toni tony tracey tracy travis trevor tricia tristan
tyler tyrone umar una usman valerie vanessa vera vernon veronica vicky victor victoria vikram
viktoria vincent viola violet vivian vivienne wanda warren wayne wendy wesley wiktoria wilfred
william winifred winston xander yasin yasmin yasmine yusuf yvette yvonne zac zach zachary zahra
zain zainab zak zara zeeshan zeynep zoe zofia zuzanna
"""

_ALSO_WORDS = """
abu ali amber april art ash asia autumn basil bell bill brook carol crystal daisy dale dawn dean
devon drew eve faith fern frank gene glen grace grant guy harmony harper hazel heather holly hope
iris ivy jack jan jay jean jimmy joy jude june kay lance lane laurel lee lily luna mark mason max
may mercedes miles noel norm ola olive pat patience pearl penny perry poppy preston ray rich rob
robin rod rose rosemary ruby rusty sally scarlett skye star stacey sue summer sunny tia tim una
viola violet wanda warren wayne will win
"""

ALSO_WORDS = frozenset(_ALSO_WORDS.split())
"""Names that are words as well: marked only where they have a capital."""
GIVEN_NAMES = frozenset(_NAMES.split()) | ALSO_WORDS
"""In lower case."""
