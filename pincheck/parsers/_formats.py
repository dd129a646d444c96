"""What each parser reads: written by tools/formats.py from their decorators; do not edit.

A run that finds none of these files loads no parser. One that is not listed here is loaded at once.
"""

# fmt: off
FORMATS: tuple[tuple[str, tuple[str, ...], tuple[bytes, ...], tuple[str, ...]], ...] = (
    # name, files, markers, expected
    (
        "afnetworking",
        ("*.m", "*.mm", "*.swift"),
        (b"SSLPinningMode", b"AFSecurityPolicy"),
        (),
    ),
    (
        "alamofire",
        ("*.swift",),
        (b"TrustEvaluator", b"DisabledEvaluator", b"ServerTrustManager", b"ServerTrustPolicy", b"pinCertificates", b"pinPublicKeys"),
        (),
    ),
    (
        "android_manifest",
        ("AndroidManifest*.xml",),
        (b"<manifest",),
        (),
    ),
    (
        "android_nsc",
        ("*.xml",),
        (b"network-security-config", b"<pin-set"),
        ("network_security_config.xml",),
    ),
    (
        "android_resource_use",
        ("*.cs", "*.gradle", "*.kts", "config.xml", "plugin.xml", "*.js", "*.ts", "app.json"),
        (b"etworkSecurityConfig",),
        (),
    ),
    (
        "android_string_resource",
        ("*/values/*.xml", "*/values-*/*.xml"),
        (b"sha256/", b"sha1/", b"SHA256/", b"pin-sha256", b"inning", b"inned", b"pins", b"Pins", b"PINS", b"_PIN", b"_pin", b"Pin\"", b"pin\"", b"ublicKeyHash", b"public_key_hash", b"PUBLIC_KEY_HASH", b"ublic-key-hash", b"pubKeys", b"pub_keys", b"ublicKeys", b"public_keys", b"spki", b"SPKI", b"ertificateHash", b"certificate_hash", b"ertFingerprint", b"cert_fingerprint", b"CERT_FINGERPRINT", b"ertificateFingerprint", b"SHA_FINGERPRINT", b"ThumbPrint", b"humbprint"),
        (),
    ),
    (
        "app_config_json",
        ("*.json", "*.jsonc", "*.json5", "*.json.in", "*.json.template"),
        (b"sha256/", b"sha1/", b"SHA256/", b"pin-sha256", b"inning", b"inned", b"pins", b"Pins", b"PINS", b"_PIN", b"_pin", b"Pin\"", b"pin\"", b"ublicKeyHash", b"public_key_hash", b"PUBLIC_KEY_HASH", b"ublic-key-hash", b"pubKeys", b"pub_keys", b"ublicKeys", b"public_keys", b"spki", b"SPKI", b"ertificateHash", b"certificate_hash", b"ertFingerprint", b"cert_fingerprint", b"CERT_FINGERPRINT", b"ertificateFingerprint", b"SHA_FINGERPRINT", b"ThumbPrint", b"humbprint"),
        (),
    ),
    (
        "app_config_plist",
        ("*.plist", "*.plist.in", "*.plist.template", "*.plist.tmpl", "*.plist.tpl"),
        (b"sha256/", b"sha1/", b"SHA256/", b"pin-sha256", b"inning", b"inned", b"pins", b"Pins", b"PINS", b"_PIN", b"_pin", b"Pin\"", b"pin\"", b"ublicKeyHash", b"public_key_hash", b"PUBLIC_KEY_HASH", b"ublic-key-hash", b"pubKeys", b"pub_keys", b"ublicKeys", b"public_keys", b"spki", b"SPKI", b"ertificateHash", b"certificate_hash", b"ertFingerprint", b"cert_fingerprint", b"CERT_FINGERPRINT", b"ertificateFingerprint", b"SHA_FINGERPRINT", b"ThumbPrint", b"humbprint"),
        (),
    ),
    (
        "app_config_text",
        (".env*", "*.env", "*.properties", "*.xcconfig"),
        (b"sha256/", b"sha1/", b"SHA256/", b"pin-sha256", b"inning", b"inned", b"pins", b"Pins", b"PINS", b"_PIN", b"_pin", b"Pin\"", b"pin\"", b"ublicKeyHash", b"public_key_hash", b"PUBLIC_KEY_HASH", b"ublic-key-hash", b"pubKeys", b"pub_keys", b"ublicKeys", b"public_keys", b"spki", b"SPKI", b"ertificateHash", b"certificate_hash", b"ertFingerprint", b"cert_fingerprint", b"CERT_FINGERPRINT", b"ertificateFingerprint", b"SHA_FINGERPRINT", b"ThumbPrint", b"humbprint", b"PIN", b"SHA256", b"KEY_HASH", b"CERT", b"pin", b"Pin"),
        (),
    ),
    (
        "app_config_yaml",
        ("*.yml", "*.yaml"),
        (b"sha256/", b"sha1/", b"SHA256/", b"pin-sha256", b"inning", b"inned", b"pins", b"Pins", b"PINS", b"_PIN", b"_pin", b"Pin\"", b"pin\"", b"ublicKeyHash", b"public_key_hash", b"PUBLIC_KEY_HASH", b"ublic-key-hash", b"pubKeys", b"pub_keys", b"ublicKeys", b"public_keys", b"spki", b"SPKI", b"ertificateHash", b"certificate_hash", b"ertFingerprint", b"cert_fingerprint", b"CERT_FINGERPRINT", b"ertificateFingerprint", b"SHA_FINGERPRINT", b"ThumbPrint", b"humbprint"),
        (),
    ),
    (
        "capacitor_ssl_pinning",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"checkCertificate",),
        (),
    ),
    (
        "certificate_file",
        ("*.pem", "*.crt", "*.cer", "*.der"),
        (),
        (),
    ),
    (
        "cordova",
        ("config.xml", "plugin.xml"),
        (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes", b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes", b"<pin-set"),
        (),
    ),
    (
        "cordova_advanced_http",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"setServerTrustMode", b"setSSLCertMode", b"enableSSLPinning", b"acceptAllCerts"),
        (),
    ),
    (
        "cordova_sslcertificatechecker",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"slCertificateChecker", b"SLCertificateChecker"),
        (),
    ),
    (
        "expo",
        ("app.json", "app.config.json", "app.*.json"),
        (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes", b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes"),
        (),
    ),
    (
        "expo_config",
        ("app.json", "app.*.json", "app.config.js", "app.config.cjs", "app.config.mjs", "app.config.ts", "app.config.*.js", "app.config.*.ts"),
        (b"plugins", b"NSPinnedDomains", b"TSKPinnedDomains"),
        (),
    ),
    (
        "expo_plugin",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"<pin ", b"NSPinnedDomains", b"TSKPinnedDomains"),
        (),
    ),
    (
        "gradle_dependency",
        ("*.gradle", "*.kts", "*.versions.toml", "gradle.properties", "*Dependencies.kt", "*Versions.kt", "*Deps.kt"),
        (b"okhttp", b"okHttp", b"OKHTTP", b"OkHttp"),
        (),
    ),
    (
        "host_tables",
        ("*.swift", "*.m", "*.mm"),
        (b"ublicKey", b"inned", b"inning", b"Pins", b"pins", b"spki", b"SPKI", b"ingerprint", b"Hashes"),
        (),
    ),
    (
        "ios_ats",
        ("*.plist", "*.plist.in", "*.plist.template", "*.plist.tmpl", "*.plist.tpl"),
        (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes"),
        ("Info.plist",),
    ),
    (
        "ktor_darwin",
        ("*.kt", "*.kts"),
        (b"CertificatePinner",),
        (),
    ),
    (
        "nativescript_https",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"enableSSLPinning",),
        (),
    ),
    (
        "okhttp",
        ("*.kt", "*.kts", "*.java"),
        (b"CertificatePinner", b"certificatePinner"),
        (),
    ),
    (
        "pin_literals",
        ("*.kt", "*.kts", "*.java", "*.gradle", "*.groovy", "*.swift", "*.m", "*.mm", "*.h", "*.c", "*.cc", "*.cpp", "*.cxx", "*.hpp", "*.dart", "*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.mts", "*.cts", "*.tsx", "*.cs"),
        (b"sha256/", b"sha1/", b"inning", b"inned", b"ertificatePin", b"erverTrust", b"SecTrust", b"TrustManager", b"ublicKeyHash", b"ublicKeyPin", b"SSLPin", b"sslPin", b"badCertificateCallback", b"spki", b"SPKI", b"CertificateHandler", b"CustomValidationCallback", b"ertificateFingerprint", b"ertFingerprint", b"SHAFingerprint", b"PINNED", b"_PIN", b"checkServerTrusted", b"validateCertificate", b"certificateHash", b"sslCertificateChecker"),
        (),
    ),
    (
        "private_key",
        ("*",),
        (b"PRIVATE KEY-----",),
        (),
    ),
    (
        "private_key_der",
        ("*.p8", "*.pk8", "*.key", "*.der"),
        (),
        (),
    ),
    (
        "rn_cert_pinner",
        ("pinset.json", "pinset.*.json"),
        (b"\"domains\"",),
        (),
    ),
    (
        "rn_pinch",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"react-native-pinch",),
        (),
    ),
    (
        "rn_ssl_manager",
        ("*.json",),
        (b"\"sha256Keys\"",),
        (),
    ),
    (
        "rn_ssl_manager_code",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"sha256Keys",),
        (),
    ),
    (
        "rn_ssl_pinning",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"sslPinning", b"ssl-pinning", b"disableAllSecurity", b"PINNED_CERT", b"innedCert"),
        (),
    ),
    (
        "rn_ssl_public_key_pinning",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"publicKeyHashes", b"initializeSslPinning"),
        (),
    ),
    (
        "rn_trustkit",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"configureTrustKit",),
        (),
    ),
    (
        "titanium_https",
        ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts"),
        (b"createX509CertificatePinningSecurityManager",),
        (),
    ),
    (
        "trustkit_code",
        ("*.swift", "*.m", "*.mm"),
        (b"kTSKPinnedDomains", b"TSKPinnedDomains"),
        (),
    ),
    (
        "trustkit_plist",
        ("*.plist", "*.plist.in", "*.plist.template", "*.plist.tmpl", "*.plist.tpl"),
        (b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes"),
        (),
    ),
    (
        "wultra",
        ("*.json",),
        (b"\"fingerprints\"",),
        (),
    ),
    (
        "xcodegen",
        ("*.yml", "*.yaml", "project.json"),
        (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes", b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes"),
        (),
    ),
)
