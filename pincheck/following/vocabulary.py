"""Names of common functions, in the languages that are read, by what they do to a value."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ADDING = _words("""
    add addAll append appendAll push insert addObject addObjectsFromArray Add AddRange put putAll
    set setObject setValue updateValue []= += plusAssign
""")
"""Put something into a collection."""

ITERATING = _words("""
    forEach map flatMap mapNotNull compactMap filter filterNot onEach each any all none contains
    some every find first firstOrNull forEachIndexed mapIndexed associate associateWith associateBy
    Select SelectMany Where Any All ForEach fold mapTo flatMapTo enumerateObjectsUsingBlock
    enumerateKeysAndObjectsUsingBlock where expand firstWhere collect mapValues compactMapValues
""")
"""Hand each element to a lambda."""

SAME = frozenset(("let", "also", "takeIf", "tap", "use"))
"""Hand their receiver to a lambda."""

LISTS = _words("""
    listOf arrayOf setOf mutableListOf mutableSetOf arrayListOf hashSetOf linkedSetOf listOfNotNull
    sequenceOf persistentListOf immutableListOf asList singletonList singleton arrayWithObjects
    setWithObjects arrayWithObject setWithObject orderedSetWithObjects initWithObjects
""")
"""Make a list of their arguments."""
LIST_TYPES = _words("""
    List Set ImmutableList ImmutableSet Stream Array Lists Sets EnumSet
""")
"""Whose ``of`` makes a list of its arguments."""

MAPS = _words("""
    mapOf mutableMapOf hashMapOf linkedMapOf sortedMapOf persistentMapOf ofEntries
""")
"""Make a map of pairs."""
MAP_TYPES = frozenset(("Map", "ImmutableMap", "SortedMap"))
"""Whose ``of`` makes a map of keys and values in turn."""
VALUES_FIRST = frozenset(("dictionaryWithObjectsAndKeys", "initWithObjectsAndKeys"))
"""Make a map of values and keys in turn."""
PAIRS = _words("""
    to Pair entry SimpleEntry SimpleImmutableEntry MapEntry KeyValuePair
""")

EMPTY_LISTS = _words("""
    ArrayList LinkedList HashSet List Set NSMutableArray LinkedHashSet CopyOnWriteArrayList
""")
EMPTY_MAPS = _words("""
    HashMap LinkedHashMap TreeMap Map Dictionary NSMutableDictionary ConcurrentHashMap Hashtable
""")
"""Types whose constructor without arguments makes a collection that is filled later."""

WRAPPERS = _words("""
    Set Array List NSSet NSArray HashSet ArrayList LinkedList TreeSet LinkedHashSet unmodifiableList
    unmodifiableSet unmodifiableMap freeze requireNotNull checkNotNull copyOf setWithArray
    arrayWithArray stringWithString from String NSString dictionaryWithDictionary URL NSURL URI Uri
    parse create toHttpUrl URLWithString fromEntries HashMap tryParse Map LinkedHashMap TreeMap
    Dictionary NSDictionary mutableSetWithArray initWithArray of stringWithUTF8String
    synchronizedList valueOf unmodifiable QString string
""")
"""Give back their first argument, as far as a reader of pins can tell."""

THROUGH = _words("""
    toTypedArray toList toSet toMutableList toMutableSet toArray asSequence asIterable stream
    collect trim trimIndent trimMargin toString freeze sorted distinct iterator filterNotNull
    mutableCopy copy orEmpty entrySet entries toMap toMutableMap build filter filterNot takeIf
    takeUnless also apply ifEmpty ifBlank parallelStream requireNoNulls reversed shuffled asList
    toImmutableList toHttpUrl toHttpUrlOrNull toUri ToArray ToList ToHashSet Where Distinct Trim
    c_str objectEnumerator strip cast asReversed toPersistentList toUrl intern lowercase toLowerCase
    lowercased allObjects toImmutableSet asStream unmodifiable readOnly where onEach array
""")
"""Give back their receiver, as far as a reader of pins can tell."""

MAPPING = _words("""
    map mapNotNull compactMap flatMap Select SelectMany expand mapIndexed
""")
FLATTENING = frozenset(("flatMap", "SelectMany", "expand"))
LOOKING_UP = _words("""
    get getValue getOrDefault getOrElse objectForKey valueForKey elementAt getOrNull objectAtIndex
""")
APPENDING = frozenset(("plus", "concat", "stringByAppendingString", "union", "adding", "appending"))
REPLACING = _words("""
    removePrefix removeSuffix replace replacingOccurrences replaceFirst substringAfter replaceAll
""")
FORMATS = frozenset(("format", "stringWithFormat", "Format", "initWithFormat"))
FORMATTERS = frozenset(("String", "NSString", "string", "Locale"))
"""Types that a format is asked of."""
RESOURCES = _words("""
    getString stringResource getText getStringArray stringArrayResource getTextArray
    getNonTranslatable
""")
"""Give back the Android resource that their first argument names."""
ENVIRONMENT = frozenset(("fromEnvironment", "getenv", "findProperty"))
BUILDING = frozenset(("buildList", "buildSet", "buildMap"))
RUNNING = frozenset(("lazy", "run", "with", "()", "let")) | BUILDING
"""Run the lambda they are given at once."""
KNOWN = THROUGH | ITERATING | SAME | WRAPPERS
"""Names that a project's own function of the same name does not replace, where they are asked of a value."""
LIBRARY_TYPES = _words("""
    String CharSequence NSString Array List Set Map Collection Iterable Sequence Stream MutableList MutableSet
    MutableMap ArrayList LinkedHashSet HashSet HashMap NSArray NSSet NSDictionary Dictionary IEnumerable
    Flow Optional
""")
"""Types of texts and collections, which have functions of such names of their own."""
