package dev.bulla.attestation.client.evidence.tsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel does with an entry's attributes, and so must whatever stands in for it. */
abstract class TsmReportFilesContract {
    private static final String ENTRY = "bulla-contract";
    private static final byte[] BLOB = new byte[64];

    private TsmReportFiles files = new FakeTsm();
    private boolean made;

    abstract TsmReportFiles files();

    @BeforeEach
    void create() throws IOException {
        files = files();
        files.create(ENTRY);
        made = true;
    }

    @AfterEach
    void remove() throws IOException {
        if (made) {
            files.remove(ENTRY);
        }
    }

    private String generation() throws IOException {
        return new String(files.read(ENTRY, TsmAttribute.GENERATION, 64), StandardCharsets.US_ASCII);
    }

    @Test
    void create_nameThatIsTaken_isRefusedAsSuch() {
        assertThat(files.present()).isTrue();
        assertThatThrownBy(() -> files.create(ENTRY)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void provider_ofAnEntry_isALine() throws Exception {
        assertThat(new String(files.read(ENTRY, TsmAttribute.PROVIDER, 64), StandardCharsets.US_ASCII))
                .matches("[a-z_]+\n");
    }

    @Test
    void generation_eachWrite_countsOne() throws Exception {
        assertThat(generation()).isEqualTo("0\n");
        files.write(ENTRY, TsmAttribute.INBLOB, BLOB);
        assertThat(generation()).isEqualTo("1\n");
        files.write(ENTRY, TsmAttribute.INBLOB, BLOB);
        assertThat(generation()).isEqualTo("2\n");
    }

    @Test
    void generation_reading_doesNotCount() throws Exception {
        files.write(ENTRY, TsmAttribute.INBLOB, BLOB);
        files.read(ENTRY, TsmAttribute.OUTBLOB, TsmReports.MAX_OUTBLOB);
        assertThat(generation()).isEqualTo("1\n");
    }

    @Test
    void outblob_beforeAnyWrite_isRefused() {
        assertThatThrownBy(() -> files.read(ENTRY, TsmAttribute.OUTBLOB, TsmReports.MAX_OUTBLOB))
                .isInstanceOf(IOException.class);
    }

    @Test
    void outblob_readTwice_isTheSameReport() throws Exception {
        files.write(ENTRY, TsmAttribute.INBLOB, BLOB);
        byte[] report = files.read(ENTRY, TsmAttribute.OUTBLOB, TsmReports.MAX_OUTBLOB);
        assertThat(report).isNotEmpty();
        assertThat(files.read(ENTRY, TsmAttribute.OUTBLOB, TsmReports.MAX_OUTBLOB))
                .isEqualTo(report);
    }

    @Test
    void outblob_longerThanTheLimit_isRefused() throws Exception {
        files.write(ENTRY, TsmAttribute.INBLOB, BLOB);
        int length = files.read(ENTRY, TsmAttribute.OUTBLOB, TsmReports.MAX_OUTBLOB).length;
        assertThat(files.read(ENTRY, TsmAttribute.OUTBLOB, length)).hasSize(length);
        assertThatThrownBy(() -> files.read(ENTRY, TsmAttribute.OUTBLOB, length - 1))
                .isInstanceOf(IOException.class);
    }

    @Test
    void attributes_thatAreReadOnly_areNotWritten() {
        for (TsmAttribute attribute :
                new TsmAttribute[] {TsmAttribute.OUTBLOB, TsmAttribute.GENERATION, TsmAttribute.PROVIDER}) {
            assertThatThrownBy(() -> files.write(ENTRY, attribute, BLOB))
                    .as(attribute.fileName())
                    .isInstanceOf(IOException.class);
        }
    }
}
