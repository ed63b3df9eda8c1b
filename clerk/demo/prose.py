"""The words of the fictional town: what its bodies talk about, and how people speak. Data only.

A topic's `steps` are what is moved at successive meetings, as the words after "moved to".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A matter that comes before one governing body, once for each of its `steps`."""

    title: str
    background: str
    steps: tuple[str, ...]
    comments: tuple[str, ...]


COUNCIL_TOPICS = (
    Topic(
        title="Ferry Landing Repairs",
        background=(
            "The spring inspection found that nineteen of the timber pilings under the ferry"
            " landing have lost more than a third of their section to marine borers. The landing"
            " carries about 61,000 passengers a year and is the only public crossing for fourteen"
            " miles. The engineer recommends sleeving the worst pilings before the summer timetable"
            " begins and replacing the fender system in the following year."
        ),
        steps=(
            "authorize the Town Manager to seek bids for sleeving the ferry landing pilings",
            "award the ferry landing contract to Coldwater Marine Works in the amount of $284,600",
        ),
        comments=(
            "asked that the noon crossing keep running while the pilings are repaired",
            "said the float at the landing is slippery and wants a second handrail",
        ),
    ),
    Topic(
        title="Tannery Street Water Main",
        background=(
            "The cast iron main under Tannery Street dates from 1926 and has broken four times in"
            " eighteen months. Staff propose to replace 2,300 feet of it with ductile iron, to"
            " renew forty-one service connections, and to repave the street from kerb to kerb."
            " Customers would be without water for no more than two nights."
        ),
        steps=(
            "adopt Resolution 2025-06 declaring the Tannery Street water main urgently necessary",
            "accept the lowest bid for the Tannery Street water main, not to exceed $912,000",
        ),
        comments=(
            "described brown water in the kitchen after each break",
            "asked whether lead goosenecks will be removed at the same time",
        ),
    ),
    Topic(
        title="Short-Term Rental Licensing",
        background=(
            "Some 140 dwellings in town are offered for stays of less than thirty days. The draft"
            " ordinance would require a yearly licence, a local contact who can answer within one"
            " hour, and a smoke alarm inspection. It would cap the number of licences at six in a"
            " hundred dwellings in each neighborhood."
        ),
        steps=(
            "introduce Ordinance 2025-03 licensing short-term rentals and set a public hearing",
            "adopt Ordinance 2025-03 licensing short-term rentals as amended",
        ),
        comments=(
            "said that three of the five houses on the lane stand empty all winter",
            "relies on the rent of an attic room to pay the property tax",
        ),
    ),
    Topic(
        title="Backyard Hens",
        background=(
            "The zoning code permits poultry only on parcels of two acres or more. A petition"
            " with 212 signatures asks that up to six hens, and no rooster, be allowed on any"
            " residential lot. The draft follows the rules of neighboring towns: a coop ten feet"
            " from the lot line, feed kept in a closed bin, and a permit of fifteen dollars."
        ),
        steps=(
            "direct staff to prepare an ordinance permitting backyard hens on residential lots",
            "adopt Ordinance 2025-05 permitting backyard hens on residential lots",
        ),
        comments=(
            "brought a carton of eggs and a letter from the fourth grade",
            "worried that coops will draw foxes and rats",
        ),
    ),
    Topic(
        title="Snow Removal Contract",
        background=(
            "Two of the town's five plow trucks are out of service and parts are not expected"
            " before February. The Director proposes to hire a contractor for the hill district"
            " by the hour and to keep the town's own crews on the bus route and the school"
            " approaches. Salt is bought through the county at $71 a ton."
        ),
        steps=(
            "approve an hourly snow removal contract with Granger and Daughters",
            "extend the snow removal contract through the winter of 2026",
        ),
        comments=(
            "thanked the crews for clearing the clinic drive before dawn",
            "asked that sidewalks on the bridge be shoveled and not only salted",
        ),
    ),
    Topic(
        title="Library Roof and Reading Room",
        background=(
            "Slate has been sliding from the north slope of the library since the November"
            " gale, and buckets stand in the periodicals room. A state preservation grant would"
            " pay half of a new roof if the town commits its share by the end of the quarter."
            " The Friends of the Library have raised $38,000 towards shelving for a children's"
            " reading room."
        ),
        steps=(
            "authorize an application to the state preservation fund for the library roof",
            "accept a grant of $165,000 for the library roof and commit an equal share",
        ),
        comments=(
            "reads at the library every afternoon and offered to help move the books",
            "asked that the copper weathervane be kept",
        ),
    ),
    Topic(
        title="Outdoor Lighting and Dark Skies",
        background=(
            "The observatory on Signal Hill reports that the sky over the harbor has brightened by"
            " a fifth in six years. The proposed lighting ordinance asks for shielded fixtures,"
            " warm lamps of 2,700 kelvin or less, and dimming after eleven at night. Existing"
            " fixtures would have seven years to comply."
        ),
        steps=(
            "refer the outdoor lighting ordinance to the Planning Commission for its advice",
            "adopt Ordinance 2025-09 on outdoor lighting and dark skies",
        ),
        comments=(
            "can no longer see the Milky Way from the school field",
            "asked who will pay for new lamps in the marina parking lot",
        ),
    ),
    Topic(
        title="Beaver Dams at Mill Brook",
        background=(
            "Two beaver dams above the Mill Brook culvert have put a foot of water over Quarry Road"
            " on three occasions. Trapping was ruled out by the conservation warden. Staff suggest"
            " a flow device, which is a fenced pipe through the dam, at a cost of $4,800 with"
            " yearly cleaning by volunteers."
        ),
        steps=(
            "approve the installation of a flow device at the Mill Brook culvert",
            "accept the annual report on the Mill Brook beaver dams and place it on file",
        ),
        comments=(
            "has photographed herons at the new pond and hopes it stays",
            "lost a season of hay to standing water",
        ),
    ),
    Topic(
        title="Radio System for Police and Fire",
        background=(
            "The county will switch off its analog repeaters next summer. To keep talking to the"
            " county, the departments need thirty-four portable radios and a base station. The Fire"
            " Chief reported dead spots in the ferry terminal and in the lower level of the school."
        ),
        steps=(
            "approve the purchase of thirty-four digital radios through the county contract",
            "approve a license agreement for a radio repeater on the water tower",
        ),
        comments=(
            "asked whether volunteers will be given radios as well",
            "asked if the old sets could go to the sailing school",
        ),
    ),
    Topic(
        title="Saturday Farmers Market",
        background=(
            "The market has outgrown the church yard and asks to close Wharf Street between Second"
            " and Fourth on Saturdays from May to October. The merchants' association is of two"
            " minds: the baker and the hardware store favor the closure, while the pharmacy fears"
            " for its deliveries."
        ),
        steps=(
            "approve the closure of Wharf Street on Saturdays for the farmers market",
            "continue the Wharf Street closure for the farmers market through October",
        ),
        comments=(
            "sells rhubarb and honey and needs room for a second table",
            "asked that the pharmacy's door stay reachable by wheelchair",
        ),
    ),
    Topic(
        title="Kitchen Scrap Composting Pilot",
        background=(
            "Hauling a ton of refuse to the county transfer station now costs $118, and a third of"
            " what is hauled is food. The pilot would give 300 households a green pail, collect it"
            " each Tuesday, and bring it to the farm cooperative on Stony Lane, which sells the"
            " compost back to gardeners."
        ),
        steps=(
            "approve a one-year composting pilot for 300 households",
            "expand the composting pilot to the entire hill district",
        ),
        comments=(
            "has composted for thirty years and offered a class",
            "asked how the pails will be kept safe from raccoons",
        ),
    ),
    Topic(
        title="Fiscal Year 2026 Budget",
        background=(
            "The Finance Director presented a general fund budget of $11,482,000, an increase of"
            " 3.1 percent. Health insurance rises by nine percent and accounts for most of it. The"
            " levy would go up by $46 for a house of median value. The reserve stays at seventeen"
            " percent of expenditures, as the auditors advise."
        ),
        steps=(
            "set a public hearing on the fiscal year 2026 budget",
            "adopt the fiscal year 2026 budget and levy as presented",
        ),
        comments=(
            "asked why legal fees doubled",
            "urged the Council to restore the Sunday hours of the swimming pool",
        ),
    ),
    Topic(
        title="Broadband Conduit",
        background=(
            "When a street is opened for water or gas, an empty conduit for optical fiber can be"
            " laid for about four dollars a foot; opening the same street later costs sixty. The"
            " proposed policy would lay conduit in every trench longer than 500 feet and lease it"
            " to any provider on equal terms."
        ),
        steps=(
            "adopt a dig-once policy for broadband conduit",
            "approve a conduit lease with the Three Rivers Telephone Cooperative",
        ),
        comments=(
            "teaches from home and loses the connection whenever it rains",
            "asked that the leases be published",
        ),
    ),
    Topic(
        title="Replacement of Engine Two",
        background=(
            "Engine Two has 31 years of service and failed its pump test in March. A new engine"
            " takes twenty-six months from order to delivery. The Fire Chief recommends a smaller"
            " chassis that can turn on Cooper's Row and a tank of 1,000 gallons."
        ),
        steps=(
            "authorize the Fire Chief to obtain proposals for replacing Engine Two",
            "award the contract for a new fire engine to Northern Apparatus for $748,300",
        ),
        comments=(
            "asked whether a used engine had been considered",
            "hopes that the old engine can lead the parade one last time",
        ),
    ),
    Topic(
        title="School Crosswalk on Orchard Avenue",
        background=(
            "A count in October found 184 children crossing Orchard Avenue within twenty minutes of"
            " the bell, and one car in four above the limit. The traffic committee recommends a"
            " raised crosswalk, a flashing beacon, and moving the bus stop by sixty feet."
        ),
        steps=(
            "approve a raised crosswalk and flashing beacon on Orchard Avenue",
            "lower the speed limit on Orchard Avenue to twenty miles an hour",
        ),
        comments=(
            "is a crossing guard and has twice had to pull back a child",
            "thinks the beacon will shine into bedrooms across the street",
        ),
    ),
    Topic(
        title="Heritage Elms",
        background=(
            "Eleven elms on the green survived the blight and are more than a century old. The tree"
            " warden proposes to list them as heritage trees, to inject them every third year, and"
            " to require a permit for any trench within their drip line. Yearly cost is $3,900."
        ),
        steps=(
            "designate eleven elms on the green as heritage trees",
            "approve the elm treatment schedule proposed by the tree warden",
        ),
        comments=(
            "was married beneath the third elm in 1961",
            "asked that fallen limbs be offered to local turners",
        ),
    ),
)

PLANNING_TOPICS = (
    Topic(
        title="Heron Lane Subdivision",
        background=(
            "The applicant would divide 8.4 acres on Heron Lane into nine lots with a common septic"
            " field. The hydrologist found groundwater at five feet. Two lots lie partly within the"
            " wetland buffer, and a turning circle of ninety feet is needed for fire apparatus."
        ),
        steps=(
            "continue the Heron Lane subdivision to the next meeting for a revised drainage plan",
            "approve the Heron Lane preliminary plat for eight lots subject to staff conditions",
        ),
        comments=("fears for the well at number eleven", "asked for a footpath to the heronry"),
    ),
    Topic(
        title="Old Cannery Zoning Map Amendment",
        background=(
            "The cannery closed in 1998 and is zoned for heavy industry. The owner asks for"
            " waterfront mixed use in order to make thirty-two apartments, a boat workshop and a"
            " cafe. Parking is short by eleven spaces unless the ferry lot may be counted in the"
            " evening."
        ),
        steps=(
            "recommend that the Town Council approve the Old Cannery zoning map amendment",
            "approve the site plan for the Old Cannery with shared parking",
        ),
        comments=(
            "packed herring there at the age of sixteen",
            "asked that eight apartments be affordable",
        ),
    ),
    Topic(
        title="Telecommunications Tower at the Quarry",
        background=(
            "A monopole of 140 feet is proposed at the north rim of the quarry. The balloon test in"
            " April showed it above the treeline from the cemetery and the green. The applicant"
            " offered to lower it to 110 feet and paint it grey."
        ),
        steps=(
            "deny the special permit for a telecommunications tower at the quarry",
            "approve the special permit for a tower of no more than 110 feet at the quarry",
        ),
        comments=("has no signal in the barn", "called it an eyesore"),
    ),
    Topic(
        title="Veterinary Clinic on Foundry Road",
        background=(
            "Dr. Imogen Fairbairn proposes a clinic of 3,200 square feet with boarding for sixteen"
            " animals. Noise at the lot line would be kept to fifty decibels by a masonry wall. The"
            " driveway lines up with Foundry Court."
        ),
        steps=(
            "approve the site plan for a veterinary clinic on Foundry Road",
            "release the performance bond for the veterinary clinic on Foundry Road",
        ),
        comments=("drives forty minutes to the nearest clinic", "asked about barking at night"),
    ),
    Topic(
        title="Setback Variance for a Boathouse",
        background=(
            "The petitioner wishes to rebuild a boathouse that was crushed by ice, on the old"
            " footing, six feet from the lot line where fifteen are required. The lot narrows to"
            " forty feet at the water, which is the hardship claimed."
        ),
        steps=(
            "grant a setback variance of nine feet for the boathouse at 14 Shore Path",
            "extend the boathouse variance by one year",
        ),
        comments=("is the abutter and has no objection", "asked that the ridge be no higher"),
    ),
    Topic(
        title="Solar Array at the Landfill",
        background=(
            "The closed landfill could carry 2.1 megawatts of panels on ballasted racks without"
            " piercing its cap. The developer would lease eleven acres for twenty-five years and"
            " remove the racks at the end under a bond of $190,000."
        ),
        steps=(
            "open the public hearing on the landfill solar array",
            "approve the solar array at the landfill with a decommissioning bond",
        ),
        comments=("asked for sheep instead of mowers", "worried about glare on the highway"),
    ),
    Topic(
        title="Projecting Sign at 9 Wharf Street",
        background=(
            "The bakery asks for a carved projecting sign in the shape of a pretzel, eleven square"
            " feet in area, where ten are allowed. The historic district advisers favor it."
        ),
        steps=("approve the projecting sign at 9 Wharf Street with a waiver of one square foot",),
        comments=("said that the pretzel makes everyone smile",),
    ),
)

PARKS_TOPICS = (
    Topic(
        title="Playground Surfacing at Millpond Park",
        background=(
            "The bark under the climbing frame has worn to four inches where twelve are required."
            " Poured rubber costs more at first but needs no raking and lets wheelchairs through."
            " The insurer asks for a decision before the season."
        ),
        steps=(
            "recommend poured rubber surfacing for the playground at Millpond Park",
            "accept the completed playground surfacing at Millpond Park",
        ),
        comments=("uses a wheelchair and pushes a son on the swings", "prefers bark"),
    ),
    Topic(
        title="Dog Park Rules",
        background=(
            "Since the dog park opened there have been five complaints about noise and one bite."
            " The Superintendent suggests separate hours for small dogs, a double gate, and closing"
            " at nine."
        ),
        steps=("adopt the dog park rules as amended", "install a double gate at the dog park"),
        comments=("walks two greyhounds before work", "asked for a water spigot"),
    ),
    Topic(
        title="Pavilion Rental Fees",
        background=(
            "Fees for the lakeside pavilion have not changed since 2014 and no longer cover the"
            " cleaning. The proposal raises the resident fee from forty to sixty dollars and keeps"
            " school groups free."
        ),
        steps=(
            "raise the pavilion rental fee for residents to sixty dollars",
            "waive the pavilion fee for the high school band",
        ),
        comments=("rents the pavilion each July for a family reunion",),
    ),
    Topic(
        title="Footbridge on the Otter Trail",
        background=(
            "The March flood carried away the footbridge at the second bend of the Otter Trail. A"
            " prefabricated span of forty-two feet can be set by crane in one day. The trail club"
            " will build the approaches."
        ),
        steps=(
            "recommend a prefabricated footbridge for the Otter Trail",
            "thank the trail club and name the footbridge for Leonard Ames",
        ),
        comments=("runs the trail daily and now turns back at the bend",),
    ),
    Topic(
        title="Japanese Knotweed",
        background=(
            "Knotweed has spread along 700 yards of the riverbank and is breaking the retaining"
            " wall. Mowing alone makes it worse. A crew would cut it three times a year and cover"
            " the roots with heavy fabric for four seasons."
        ),
        steps=("approve a four-year knotweed control plan for the riverbank",),
        comments=("offered forty volunteers from the paddling club",),
    ),
    Topic(
        title="Summer Concerts on the Green",
        background=(
            "Eight concerts are planned, among them a fiddle night, the brass quintet of the fire"
            " department and a children's opera. The bandstand needs rewiring, and the committee"
            " asks for a budget of $6,500."
        ),
        steps=("approve the summer concerts on the green with a budget of $6,500",),
        comments=("asked that concerts end before the last ferry",),
    ),
)

CONCERNS = (
    "spoke about trucks that cut through Linden Court to avoid the light",
    "reported a streetlight that has been dark since the storm",
    "asked when the tide gate will be repaired",
    "invited everyone to the chowder supper at the grange hall",
    "asked that meeting recordings be captioned for people who are hard of hearing",
    "complained of gulls at the transfer station",
    "praised the new bus shelter and asked for a bench inside it",
    "asked the town to join the regional bicycle count",
    "said that the tax bills arrived after their due date",
    "offered to donate a century-old map of the harbor to the archive",
    "asked for quieter leaf blowers",
    "requested a crossing for turtles at the bend of Marsh Road",
)

QUESTIONS = (
    "asked what the work would cost over twenty years and who would maintain it",
    "wanted to know whether the abutters had been notified in writing",
    "asked how this compares with what the neighboring towns have done",
    "was concerned about the effect on older residents with fixed incomes",
    "asked whether the schedule leaves room for bad weather",
    "noted that the same question came up four years ago and was never settled",
    "suggested that a report come back to the body after six months",
    "asked for the assumptions behind the estimate",
)

ANSWERS = (
    "replied that the estimate includes a contingency of fifteen percent",
    "explained that the notice was mailed three weeks ago and posted at the post office",
    "said that the matter had been reviewed by counsel, who found no obstacle",
    "answered that delay would raise the price by about six percent a year",
    "offered to bring figures to the next meeting",
    "pointed to the table on the last page of the memorandum",
)

REPORTS = (
    "The auditors began their field work and expect to finish within three weeks.",
    "The hydrant flushing program reached the east side; customers may see cloudy water.",
    "Eleven building permits were issued last month, four of them for roofs.",
    "The ferry carried 4,870 passengers, which is six percent more than a year ago.",
    "A power failure of nine hours tested the generator at the pump station; it held.",
    "Two seasonal positions remain open and applications are welcome.",
    "The archive has finished cataloguing the harbor master's logs from 1888 to 1931.",
    "Road crews filled 212 potholes and regraded Stony Lane.",
)

RESIDENTS = (
    "Agnes Whitcomb",
    "Rafael Ortega",
    "Minnie Sorensen",
    "Thaddeus Boyle",
    "Farida Haddad",
    "Calvin Pruitt",
    "Lorraine Beaudette",
    "Hiroshi Endo",
    "Winifred Starling",
    "Abel Kowalczyk",
    "Corinne Maddox",
    "Jonas Eriksen",
    "Philippa Grange",
    "Otis Rutherford",
)

STREETS = (
    "Linden Court",
    "Quarry Road",
    "Signal Hill",
    "Cooper's Row",
    "Stony Lane",
    "Marsh Road",
    "Orchard Avenue",
    "Shore Path",
)
