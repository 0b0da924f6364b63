package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Timestamp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DumpReaderTest {
    private static final String ROOT = "/ 0 40755 2 0 0 0 0.0 - - -\n";

    private static Directory read(String dump) throws IOException {
        return new DumpReader().read(new ByteArrayInputStream(dump.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static Directory readStrict(String dump) throws IOException {
        return new DumpReader(true).read(new ByteArrayInputStream(dump.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static Node child(Directory root, String name) {
        return root.get(ByteString.utf8(name)).orElseThrow();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a 0 100644 1 0 0 0 0.0 - - - x|no = in an xattr",
                "/a 0 100644 1 0 0 0 0.0 - - - =x|xattr name of 0 bytes",
                "/a 0 100644 1 0 0 0 0 - - -|MTIME: invalid integer",
                "/a 0 644 1 0 0 0 0.0 - - -|invalid mode 644",
                "/a x 100644 1 0 0 0 0.0 - - -|SIZE: invalid integer",
                "/a 0 100644 1 0 x 0 0.0 - - -|GID: invalid integer",
                "/a 0 100644 1 0 0 0 0.0 - x -|content of 1 bytes, but SIZE is 0",
                "/a 0 120777 1 0 0 0 0.0 - - -|symlink without a target",
                "/a 9 100644 1 0 0 0 0.0 - - 00|digest of 2 characters",
                "/a 9007199254740993 100644 1 0 0 0 0.0 - - -|too large",
                "/a\\q 0 100644 1 0 0 0 0.0 - - -|unknown escape",
                "/a\\x4 0 100644 1 0 0 0 0.0 - - -|fewer than two hex digits",
                "/a\\x4g 0 100644 1 0 0 0 0.0 - - -|no hex digits",
                "/a\\ 0 100644 1 0 0 0 0.0 - - -|no character after a backslash",
                "/b/a 0 100644 1 0 0 0 0.0 - - -|parent directory missing",
                "/.. 0 100644 1 0 0 0 0.0 - - -|invalid name",
                "/ 0 40755 2 0 0 0 0.0 - - -|a second root",
                "/a 0 @40755 2 0 0 0 0.0 / - -|directories can't be hard linked",
                "/a 0 @100644 2 0 0 0 0.0 / - -|directories can't be hard linked",
                "/a 0 @100644 2 0 0 0 0.0 /b - -|no target at",
                "/a 0 @100644 2 0 0 0 0.0 /a - -|leads back to itself",
                "/a 0 @100644 2 0 0 0 0.0 - - -|without a target path",
            })
    void read_malformedLine_isRefusedWithReasonAndNumber(String line, String reason) {
        assertThatThrownBy(() -> read(ROOT + line + "\n"))
                .isInstanceOf(DumpFormatException.class)
                .hasMessageStartingWith("dump line 2: ")
                .hasMessageContaining(reason);
    }

    @Test
    void read_emptyDump_isRefused() {
        assertThatThrownBy(() -> read(""))
                .isInstanceOf(DumpFormatException.class)
                .hasMessageContaining("no files");
    }

    @Test
    void read_nameTwice_isRefused() {
        String file = "/a 0 100644 1 0 0 0 0.0 - - -\n";
        assertThatThrownBy(() -> read(ROOT + file + file)).hasMessageContaining("there already");
    }

    @Test
    void read_strict_refusesWhatThePlainReaderTakes() throws IOException {
        String noNewline = ROOT + "/a 0 100644 1 0 0 0 0.0 - - -";
        String device = ROOT + "/a 0 100644 1 0 0 5 0.0 - - -\n";
        String length = ROOT + "/a 9 120777 1 0 0 0 0.0 b - -\n";
        String content = ROOT + "/a 1 120777 1 0 0 0 0.0 b c -\n";
        for (String dump : new String[] {noNewline, device, length, content}) {
            assertThat(read(dump).children()).hasSize(1);
            assertThatThrownBy(() -> readStrict(dump)).isInstanceOf(DumpFormatException.class);
        }
    }

    @Test
    void read_numbersAsStrtoullHasThem_areTaken() throws IOException {
        Directory root = read(ROOT + "/a 0 100644 +1 -1 4294967297 0 -5.4294967295 - - -\n");
        RegularFile file = (RegularFile) child(root, "a");
        assertThat(file.metadata().uid()).isEqualTo(0xffff_ffffL);
        assertThat(file.metadata().gid()).isEqualTo(1);
        assertThat(file.metadata().mtime()).isEqualTo(new Timestamp(-5, 0xffff_ffffL));
    }

    @Test
    void read_badGroupOfAnotherThanRoot_isZeroAsForTheCTool() throws IOException {
        Directory root = read(ROOT + "/a 0 100644 1 7 x 0 0.0 - - -\n");
        assertThat(((RegularFile) child(root, "a")).metadata().gid()).isZero();
    }

    @Test
    void read_missingLastFields_areEmpty() throws IOException {
        Directory root = read(ROOT + "/a 0 100644 1 0 0 0 0.0");
        assertThat(((RegularFile) child(root, "a")).content()).isEqualTo(new FileContent.Empty());
    }

    @Test
    void read_linkChainBeforeItsInode_isResolved() throws IOException {
        Directory root = read(ROOT
                + "/a 0 @100644 3 0 0 0 0.0 /b - -\n/b 0 @100644 3 0 0 0 0.0 //c - -\n/c 0 100644 3 0 0 0 0.0 - - -\n");
        Node file = child(root, "c");
        assertThat(((HardLink) child(root, "a")).target()).isSameAs(file);
        assertThat(((HardLink) child(root, "b")).target()).isSameAs(file);
    }

    @Test
    void read_xattrsAtTheLimitAndOver_takenAndRefused() throws IOException {
        int room = XattrLimits.MAX_TOTAL - XattrLimits.HEADER - 7 - "user.a".length();
        String line = "/a 0 100644 1 0 0 0 0.0 - - - user.a=";
        assertThat(read(ROOT + line + "x".repeat(room) + "\n").children()).hasSize(1);
        assertThatThrownBy(() -> read(ROOT + line + "x".repeat(room + 1) + "\n"))
                .hasMessageContaining("limit 32767");
    }

    @Test
    void read_inlineContentAtTheLimitAndOver_takenAndRefused() throws IOException {
        assertThat(read(ROOT + "/a 5000 100644 1 0 0 0 0.0 - " + "x".repeat(5000) + " -\n")
                        .children())
                .hasSize(1);
        assertThatThrownBy(() -> read(ROOT + "/a 5001 100644 1 0 0 0 0.0 - " + "x".repeat(5001) + " -\n"))
                .hasMessageContaining("limit 5000");
    }

    @Test
    void read_lineAtTheLimitAndOver_takenAndRefused() throws IOException {
        // Slashes before the name say nothing, so they may fill a line.
        String rest = "a 0 100644 1 0 0 0 0.0 - - -";
        String longest = "/".repeat(DumpReader.MAX_LINE - rest.length()) + rest;
        assertThat(read(ROOT + longest + "\n").children()).hasSize(1);
        assertThatThrownBy(() -> read(ROOT + "/" + longest + "\n")).hasMessageContaining("limit of 1048576");
    }

    @Test
    void read_nul_isRefused() {
        assertThatThrownBy(() -> read(ROOT + "/a\0 0 100644 1 0 0 0 0.0 - - -\n"))
                .hasMessageContaining("NUL");
    }
}
