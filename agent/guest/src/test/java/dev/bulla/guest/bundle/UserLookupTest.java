package dev.bulla.guest.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserLookupTest {
    private static final String PASSWD =
            "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/var/www:/bin/false\nbad:x:y:z:::\n";
    private static final String GROUP = "root:x:0:\nweb:x:34:\nlog:x:4:web,other\n";

    private final Directory root = new Directory(Metadata.ofRoot(0755));

    private UserLookup lookup() throws IOException {
        return new UserLookup(root, external -> {
            throw new AssertionError("no object is read here");
        });
    }

    private void addFiles() {
        Directory etc = new Directory(Metadata.ofRoot(0755));
        root.put(ByteString.utf8("etc"), etc);
        etc.put(ByteString.utf8("passwd"), file(PASSWD));
        etc.put(ByteString.utf8("group"), file(GROUP));
    }

    private static RegularFile file(String text) {
        return new RegularFile(Metadata.ofRoot(0644), new FileContent.Inline(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void resolve_nothing_isRoot() throws Exception {
        assertThat(lookup().resolve("")).isEqualTo(new ContainerUser(0, 0, List.of()));
    }

    @Test
    void resolve_name_takesItsGroups() throws Exception {
        addFiles();
        assertThat(lookup().resolve("web")).isEqualTo(new ContainerUser(33, 34, List.of(4L)));
    }

    @Test
    void resolve_numberInPasswd_takesItsGroups() throws Exception {
        addFiles();
        assertThat(lookup().resolve("33")).isEqualTo(new ContainerUser(33, 34, List.of(4L)));
    }

    @Test
    void resolve_numberNotInPasswd_hasGroupZero() throws Exception {
        addFiles();
        assertThat(lookup().resolve("1000")).isEqualTo(new ContainerUser(1000, 0, List.of()));
    }

    @Test
    void resolve_namedGroup_hasNoOthers() throws Exception {
        addFiles();
        assertThat(lookup().resolve("web:log")).isEqualTo(new ContainerUser(33, 4, List.of()));
        assertThat(lookup().resolve("7:8")).isEqualTo(new ContainerUser(7, 8, List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nobody", "bad", "2147483648", "99999999999999999999", "-1", "web:nogroup", "web:2147483648"})
    void resolve_unknownOrOutOfRange_throws(String user) {
        addFiles();
        assertThatThrownBy(() -> lookup().resolve(user))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("image config");
    }

    @Test
    void resolve_largestNumber_isTaken() throws Exception {
        assertThat(lookup().resolve("2147483647").uid()).isEqualTo(ContainerUser.MAX_ID);
    }

    @Test
    void resolve_linkInPlaceOfPasswd_countsAsAbsent() {
        Directory etc = new Directory(Metadata.ofRoot(0755));
        root.put(ByteString.utf8("etc"), etc);
        etc.put(ByteString.utf8("passwd"), new Symlink(Metadata.ofRoot(0777), ByteString.utf8("/proc/self/environ")));
        assertThatThrownBy(() -> lookup().resolve("web")).isInstanceOf(BundleException.class);
    }
}
