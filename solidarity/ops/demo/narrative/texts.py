"""Texts and categories of the demonstration, in French, without names, addresses or health data."""

from needs.enums import Category

# Probability that a category is asked for in mild and in freezing weather, and probability that it is given if asked
# for.
ASKED: dict[str, tuple[float, float, float]] = {
    Category.FOOD: (0.55, 0.60, 0.90),
    Category.WATER: (0.30, 0.16, 0.90),
    Category.CLOTHES: (0.18, 0.38, 0.55),
    Category.BLANKET: (0.12, 0.52, 0.70),
    Category.TENT: (0.06, 0.13, 0.15),
    Category.HYGIENE: (0.24, 0.17, 0.75),
    Category.HEALTH: (0.06, 0.08, 0.25),
    Category.SHELTER: (0.14, 0.42, 0.08),
    Category.PAPERS: (0.07, 0.05, 0.20),
    Category.TRANSPORT: (0.04, 0.05, 0.60),
    Category.PHONE: (0.09, 0.09, 0.40),
    Category.PET: (0.03, 0.03, 0.50),
    Category.COMPANY: (0.40, 0.30, 0.97),
    Category.OTHER: (0.03, 0.03, 0.30),
}

NOTES = (
    "Café et soupe partagés, on nous demande de repasser en fin de semaine.",
    "Plus de couvertures dans le sac : à reprendre demain.",
    "Le groupe s’est déplacé de deux rues à cause des travaux.",
    "Beaucoup de vent ici, un carton épais ne suffit plus.",
    "Préfère qu’on passe après 21 h.",
    "A déjà reçu un duvet hier d’une autre équipe.",
    "On s’est assis un moment, longue conversation.",
    "Demande des chaussures, pointure 43.",
    "Demande des gants et un bonnet.",
    "Le 115 a été appelé ensemble, sans place ce soir.",
    "L’eau manque : la fontaine du square est coupée pour l’hiver.",
    "Installation récente, trois tentes.",
    "Une voisine apporte à manger le dimanche, reste la semaine.",
    "Personne n’était là à notre premier passage, revenus une heure plus tard.",
    "Accompagnement à la douche municipale convenu pour jeudi.",
    "Chargeur de téléphone prêté le temps de la tournée.",
    "Croquettes données pour le chien.",
    "La place a été nettoyée ce matin, plusieurs affaires ont disparu.",
    "Ne souhaite rien, seulement discuter.",
    "Explications données sur la domiciliation, papier remis.",
    "Thermos vide dès le troisième arrêt.",
    "Nous attendait, a demandé des nouvelles de l’équipe.",
    "Sacs et duvet rangés derrière le kiosque, de retour vers 22 h.",
    "Demande un sac à dos, le sien est déchiré.",
    "Souhaite une carte des bains-douches.",
    "Refuse d’aller en centre, accepte qu’on repasse.",
    "Nouvelle tente orange, deux personnes, arrivées hier.",
    "Soupe refusée, gâteau accepté, bonne humeur.",
    "A besoin de piles pour une radio.",
    "Le commerçant d’en face offre le café chaque matin.",
    "Vu en passant seulement, dormait déjà : un duvet laissé à côté.",
    "Demande où recharger un téléphone en journée.",
)

FIELD_NOTES = (
    "Depuis le début des travaux, les gens se sont éloignés vers les quais : passer plus à l’est.",
    "Les sanisettes de ce côté ferment à 22 h, tout le monde le signale.",
    "Peu de monde avant 21 h, beaucoup après la fermeture des commerces.",
    "Ce secteur n’a vu personne d’autre depuis deux semaines, nous disent les gens.",
    "La soupe part trop vite : prévoir vingt portions de plus le vendredi.",
    "Le gymnase ouvert pendant le grand froid est bien connu, mais complet dès 19 h.",
    "Plusieurs campements dispersés, les groupes sont maintenant de deux ou trois.",
    "Les demandes de couvertures ont doublé depuis la première nuit de gel.",
    "Accès fermé le long des voies depuis lundi, contourner par le nord.",
    "Bon accueil des commerçants : deux d’entre eux gardent des duvets pour nous.",
    "Le dimanche matin, personne ne passe ici et les gens nous l’ont fait remarquer.",
    "Des familles arrivent par la gare en fin de soirée, surtout le week-end.",
    "Le passage sous la voie ferrée sert d’abri quand il pleut.",
    "Deux équipes sont passées ici le même soir, personne trois rues plus loin.",
    "Fontaine remise en eau mardi, tout le monde remplit des bouteilles.",
    "Les bancs ont été retirés : les gens se reportent sur le parvis.",
    "Le parking souterrain ferme désormais à 23 h.",
    "En semaine, mieux vaut commencer par les quais et finir par les boulevards.",
    "Il manque surtout des chaussettes et des sous-vêtements dans ce quartier.",
    "La laverie accepte des jetons solidaires, à faire savoir.",
    "Des riverains proposent un local pour stocker des couvertures.",
    "Par grand froid, beaucoup descendent dans les stations jusqu’à la fermeture.",
    "Le marché du samedi laisse des invendus : récupération possible à 14 h.",
    "Les demandes de tente augmentent depuis l’évacuation du talus.",
)

NOBODY = (
    "Personne ce soir.",
    "Passage calme, personne sur place.",
    "Traces d’installation, personne au moment du passage.",
)

# Needs: categories and possible texts.
NEEDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (Category.BLANKET,),
        (
            "Deux personnes dorment dehors sans couverture, il gèle ce soir.",
            "Quelqu’un dort sur un banc avec une simple veste.",
            "Les couvertures sont trempées après la pluie.",
        ),
    ),
    (
        (Category.FOOD,),
        (
            "N’a rien mangé de la journée.",
            "Un repas chaud serait bienvenu ce soir.",
            "Trois personnes demandent à manger.",
        ),
    ),
    (
        (Category.CLOTHES,),
        (
            "Aurait besoin d’un manteau, taille L.",
            "Chaussures trouées, pointure 42.",
            "Demande des chaussettes sèches et un bonnet.",
        ),
    ),
    (
        (Category.SHELTER,),
        (
            "Cherche un abri pour cette nuit.",
            "Dort dans une entrée d’immeuble, devra partir demain.",
            "Couple à la rue depuis hier soir.",
        ),
    ),
    ((Category.TENT,), ("La tente a été emportée, il n’y a plus d’abri.", "Toile déchirée par le vent.")),
    ((Category.HYGIENE,), ("Cherche où prendre une douche près d’ici.", "Aurait besoin de savon et de serviettes.")),
    ((Category.WATER,), ("Pas d’eau potable autour, la fontaine est coupée.",)),
    ((Category.PHONE,), ("Téléphone déchargé depuis trois jours, ne peut plus appeler le 115.",)),
    ((Category.PET,), ("Il n’y a plus rien à manger pour le chien.",)),
    ((Category.COMPANY,), ("Est là tous les jours, serait content qu’on s’arrête un moment.",)),
    ((Category.PAPERS,), ("Voudrait de l’aide pour un courrier administratif.",)),
    ((Category.TRANSPORT,), ("Doit traverser la ville avec plusieurs sacs pour rejoindre un centre d’accueil.",)),
    (
        (Category.BLANKET, Category.FOOD),
        ("Une personne seule, assise par terre depuis ce matin, elle a froid et faim.",),
    ),
    ((Category.CLOTHES, Category.HYGIENE), ("Voudrait se changer et se laver avant un rendez-vous.",)),
)

PLACES = (
    "sous le porche, à côté du distributeur",
    "devant l’entrée du square",
    "sur le banc face à l’arrêt de bus",
    "au pied de l’escalier du métro",
    "sous le pont, côté quai",
    "à l’angle, près de la laverie",
    "devant le supermarché fermé",
    "le long du mur de l’école",
    "",
)

HELD = (
    "Encore une personne un peu plus loin, même rue.",
    "Et une autre au bout du quai.",
    "Quelqu’un sous l’abribus aussi.",
    "Un groupe devant la gare.",
)

SIGHTINGS = (
    "",
    "",
    "",
    "Une personne dort ici.",
    "Deux tentes.",
    "Quelqu’un assis avec des sacs.",
    "Présent depuis plusieurs jours.",
)
