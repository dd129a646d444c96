"""What each parser reads: written by tools/formats.py from their decorators; do not edit.

A run that finds none of these files loads no parser. One that is not listed here is loaded at once.
"""

# fmt: off
FORMATS: tuple[tuple[str, tuple[str, ...], tuple[bytes, ...], tuple[str, ...]], ...] = (
    # name, files, markers, expected
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
        "expo",
        ("app.json", "app.config.json", "app.*.json"),
        (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes", b"TSKConfiguration", b"TSKPinnedDomains", b"TSKPublicKeyHashes"),
        (),
    ),
    (
        "ios_ats",
        ("*.plist", "*.plist.in", "*.plist.template", "*.plist.tmpl", "*.plist.tpl"),
        (b"NSPinned", b"SPKI-SHA256", b"NSPublicKeyHashes"),
        ("Info.plist",),
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
        "rn_ssl_manager",
        ("*.json",),
        (b"\"sha256Keys\"",),
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
