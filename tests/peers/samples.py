"""A consumer's repository: one Android app that pins one key and has no backup."""

NSC_PATH = "app/src/main/res/xml/network_security_config.xml"
NSC = """\
<?xml version="1.0" encoding="utf-8"?>
<network-security-config>
    <domain-config>
        <domain includeSubdomains="true">api.shop.example</domain>
        <pin-set expiration="2099-01-01">
            <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
        </pin-set>
    </domain-config>
</network-security-config>
"""
APP = {"README.md": "the shop\n", NSC_PATH: NSC}
BACKUP = '            <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>\n'
WITH_BACKUP = NSC.replace("        </pin-set>\n", f"{BACKUP}        </pin-set>\n")
