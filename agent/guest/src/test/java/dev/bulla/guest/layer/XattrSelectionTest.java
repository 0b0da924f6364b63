package dev.bulla.guest.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.tree.ByteString;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XattrSelectionTest {
    private static final ByteString VALUE = ByteString.utf8("v");
    private static final Map<ByteString, ByteString> XATTRS = Map.of(
            ByteString.utf8("security.capability"), VALUE,
            ByteString.utf8("security.ima"), VALUE,
            ByteString.utf8("user.a"), VALUE,
            ByteString.utf8("username"), VALUE);

    private static XattrSelection selection(String text) {
        return XattrSelection.parse(text).orElseThrow();
    }

    @Test
    void of_namesAndPrefixes_keepsThese() {
        assertThat(selection("security.capability,user.*").of(XATTRS))
                .containsOnlyKeys(ByteString.utf8("security.capability"), ByteString.utf8("user.a"));
    }

    @Test
    void of_all_isTheSame() {
        assertThat(selection("all").of(XATTRS)).isSameAs(XATTRS);
        assertThat(selection("all").mapping()).isEqualTo("faithful");
    }

    @Test
    void mapping_ofTheSameNamesInAnyOrder_isTheSame() {
        assertThat(selection("user.*,security.capability,user.*").mapping())
                .isEqualTo("faithful+xattrs=security.capability,user.*")
                .isEqualTo(selection("security.capability,user.*").mapping());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "user",
                "*",
                ".*",
                "user.a,",
                "user.a b",
                "user.a*",
                "user.a/b",
                "User.a",
                "user.ä",
                "all,user.a"
            })
    void parse_otherTexts_areRefused(String text) {
        assertThat(XattrSelection.parse(text)).isEmpty();
    }

    @Test
    void parse_sixteenNamesAndOneMore_takesAndRefuses() {
        String sixteen = "user.a" + ",user.a".repeat(15);
        assertThat(XattrSelection.parse(sixteen)).isPresent();
        assertThat(XattrSelection.parse(sixteen + ",user.a")).isEmpty();
    }
}
