package dev.bulla.attestation.client.evidence.tsm;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.linux.Errno;
import dev.bulla.linux.LinuxException;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes reports, each in an entry of its own that is gone afterwards.
 *
 * <p><b>Security.</b> Whoever else may write to an entry could have a report made of other bytes. So the entry's name is
 * fresh, its generation must count our own writes and nothing else after every read, and what was read otherwise is not
 * given out.
 */
public final class TsmReports {
    /** The most bytes of a blob that are written: the kernel's limit. */
    public static final int MAX_INBLOB = 64;

    /** The most bytes of a blob that are read; today's kernels give 32 KiB at most. */
    public static final int MAX_OUTBLOB = 1 << 20;

    /** How many names are tried before it is said that none is free. */
    static final int MAX_NAMES = 8;

    /** How often a blob is read that the kernel says is being made. */
    static final int MAX_READS = 3;

    private static final int MAX_LINE = 64;
    private static final int MAX_PRIVLEVEL = 3;
    private static final int NAME_BYTES = 8;

    private final TsmReportFiles files;
    private final SecureRandom random;

    public TsmReports(TsmReportFiles files, SecureRandom random) {
        this.files = requireNonNull(files, "files is null");
        this.random = requireNonNull(random, "random is null");
    }

    /**
     * A report and what came with it.
     *
     * @param out the report
     * @param aux what the host gave beside it; may be empty
     */
    @SuppressWarnings("ArrayRecordComponent") // read once by whoever asked; never compared
    public record Report(byte[] out, byte[] aux) {
        public Report {
            requireNonNull(out, "out is null");
            requireNonNull(aux, "aux is null");
        }
    }

    /** Whether the kernel offers such reports of any TEE. */
    public boolean present() {
        return files.present();
    }

    /**
     * Who provides reports here, by the kernel's name.
     *
     * @throws IOException when it cannot be asked, or nobody does
     */
    public String provider() throws IOException {
        String entry = create();
        Throwable thrown = null;
        try {
            return line(entry, TsmAttribute.PROVIDER);
        } catch (IOException | RuntimeException e) {
            thrown = e;
            throw e;
        } finally {
            remove(entry, thrown);
        }
    }

    /**
     * Makes a report.
     *
     * @param provider who has to make it
     * @param inblob what it has to carry, 1 to 64 bytes
     * @throws EvidenceUnavailableException when there is no such report, or somebody meddled with it
     */
    public Report make(TsmProvider provider, byte[] inblob) throws EvidenceUnavailableException {
        if (inblob.length == 0 || inblob.length > MAX_INBLOB) {
            throw new IllegalArgumentException("inblob has " + inblob.length + " bytes, expected 1 to " + MAX_INBLOB);
        }
        try {
            String entry = create();
            Throwable thrown = null;
            try {
                return make(entry, provider, inblob);
            } catch (IOException | EvidenceUnavailableException | RuntimeException e) {
                thrown = e;
                throw e;
            } finally {
                remove(entry, thrown);
            }
        } catch (IOException e) {
            throw new EvidenceUnavailableException(
                    "configfs-tsm, " + provider.kernelName() + ": " + Quoted.text(String.valueOf(e.getMessage())), e);
        }
    }

    private Report make(String entry, TsmProvider provider, byte[] inblob)
            throws IOException, EvidenceUnavailableException {
        String got = line(entry, TsmAttribute.PROVIDER);
        if (!got.equals(provider.kernelName())) {
            throw new EvidenceUnavailableException(
                    "configfs-tsm: provider " + Quoted.text(got) + ", expected \"" + provider.kernelName() + "\"");
        }
        long writes = 0;
        expectGeneration(entry, writes);
        Optional<byte[]> floor = provider == TsmProvider.SEV
                ? readIfThere(entry, TsmAttribute.PRIVLEVEL_FLOOR, MAX_LINE)
                : Optional.empty();
        if (floor.isPresent()) {
            files.write(entry, TsmAttribute.PRIVLEVEL, privilegeLevel(line(floor.get())));
            writes++;
        }
        files.write(entry, TsmAttribute.INBLOB, inblob);
        writes++;
        byte[] out = read(entry, TsmAttribute.OUTBLOB, MAX_OUTBLOB);
        expectGeneration(entry, writes);
        if (out.length == 0) {
            throw new EvidenceUnavailableException("configfs-tsm, " + provider.kernelName() + ": the report is empty");
        }
        byte[] aux = readIfThere(entry, TsmAttribute.AUXBLOB, MAX_OUTBLOB).orElse(new byte[0]);
        expectGeneration(entry, writes);
        return new Report(out, aux);
    }

    /** The most privileged level that this guest may ask for. */
    private static byte[] privilegeLevel(String floor) throws EvidenceUnavailableException {
        if (floor.length() != 1 || floor.charAt(0) < '0' || floor.charAt(0) > '0' + MAX_PRIVLEVEL) {
            throw new EvidenceUnavailableException(
                    "configfs-tsm: privlevel_floor " + Quoted.text(floor) + ", expected 0 to " + MAX_PRIVLEVEL);
        }
        return floor.getBytes(StandardCharsets.US_ASCII);
    }

    private void expectGeneration(String entry, long writes) throws IOException, EvidenceUnavailableException {
        String text = line(entry, TsmAttribute.GENERATION);
        if (!text.equals(Long.toString(writes))) {
            throw new EvidenceUnavailableException("configfs-tsm: generation " + Quoted.text(text) + ", expected "
                    + writes + ": the report is not of our request");
        }
    }

    private String line(String entry, TsmAttribute attribute) throws IOException {
        return line(read(entry, attribute, MAX_LINE));
    }

    private static String line(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private byte[] read(String entry, TsmAttribute attribute, int most) throws IOException {
        return readIfThere(entry, attribute, most)
                .orElseThrow(() -> new NoSuchFileException(entry + "/" + attribute.fileName()));
    }

    /** An attribute's value, or nothing where this kind of TEE does not have the attribute. */
    private Optional<byte[]> readIfThere(String entry, TsmAttribute attribute, int most) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return Optional.of(files.read(entry, attribute, most));
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return Optional.empty();
                }
                if (!e.is(Errno.EAGAIN) || attempt == MAX_READS) {
                    throw e;
                }
            }
        }
    }

    private String create() throws IOException {
        for (int attempt = 1; ; attempt++) {
            byte[] name = new byte[NAME_BYTES];
            random.nextBytes(name);
            String entry = "bulla-" + HexFormat.of().formatHex(name);
            try {
                files.create(entry);
                return entry;
            } catch (FileAlreadyExistsException e) {
                if (attempt == MAX_NAMES) {
                    throw e;
                }
            }
        }
    }

    private void remove(String entry, @Nullable Throwable thrown) throws IOException {
        try {
            files.remove(entry);
        } catch (IOException e) {
            if (thrown == null) {
                throw e;
            }
            thrown.addSuppressed(e);
        }
    }
}
