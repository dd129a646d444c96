"""What a file is for, told from its path."""

import pytest

from pincheck.readers.paths import code_context, source_set


@pytest.mark.parametrize(
    ("path", "context"),
    [
        ("app/src/main/res/xml/nsc.xml", "production"),
        ("nsc.xml", "production"),
        ("app/src/test/res/values/strings.xml", "test"),
        ("trustkit/src/androidTest/res/xml/nsc.xml", "test"),
        ("app/src/androidTestDebug/res/xml/nsc.xml", "test"),
        ("app/src/testRelease/x.xml", "test"),
        ("shared/src/commonTest/resources/x.json", "test"),
        ("test/pins.json", "test"),
        ("packages/net/test/pins.json", "test"),
        ("src/__tests__/pins.json", "test"),
        ("ios/ShopTests/Info.plist", "test"),
        ("ios/ShopUITests/Info.plist", "test"),
        ("Tests/Info.plist", "test"),
        ("e2e/pins.json", "test"),
        ("example/ios/Runner/Info.plist", "example"),
        ("Example/Info.plist", "example"),
        ("example-expo/app.json", "example"),
        ("samples/app/src/main/res/xml/nsc.xml", "example"),
        ("docs/nsc.xml", "example"),
        ("app/src/debug/res/xml/nsc.xml", "debug"),
        ("app/src/stagingDebug/res/xml/nsc.xml", "debug"),
        ("ios/Shop/Info-Debug.plist", "debug"),
        # an environment is not an automated test
        ("context/Test/context.jsonc", "production"),
        ("config/test/pins.json", "production"),
        ("branches/dcc/src/tst/assets/pins.json", "production"),
        ("branches/dcc/src/acc/assets/pins.json", "production"),
        ("app/src/stage/res/xml/nsc.xml", "production"),
        ("safesafe/Info-stage.plist", "production"),
        ("TestSwizzling/TestSwizzling/Info.plist", "production"),
        ("latest/nsc.xml", "production"),
        ("contest/nsc.xml", "production"),
        ("app/src/demo/res/xml/nsc.xml", "production"),
        ("app/src/e2e/res/xml/nsc.xml", "production"),
        ("app/src/prodTest/res/xml/nsc.xml", "production"),
        ("app/src/main/assets/docs/pins.json", "production"),
        ("environments/demo/pins.json", "production"),
        ("app/src/main/res/xml/nsc_debug.xml", "production"),
        # below a source root stand packages
        ("app/src/main/java/com/example/test/pins.json", "production"),
        ("app/src/main/kotlin/com/test/samples/pins.json", "production"),
        ("app/src/test/java/com/shop/pins.json", "test"),
        # a sample of settings
        (".env.example", "example"),
        ("app/.env.production.sample", "example"),
        ("config/env/sample.env", "example"),
        ("test/.env.dist", "test"),
        (".env", "production"),
        (".env.production", "production"),
        ("template.environment", "production"),
        ("android-pinning-demo/app/src/main/res/xml/nsc.xml", "production"),
    ],
)
def test_context(path, context):
    assert code_context(path) == context


def test_source_set():
    assert source_set("app/src/main/res/xml/nsc.xml") == "main"
    assert source_set("src/beta/res/xml/nsc.xml") == "beta"
    assert source_set("Platforms/Android/Resources/xml/nsc.xml") == ""
