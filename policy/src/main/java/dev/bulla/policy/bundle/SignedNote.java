package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A log's checkpoint: the head of its tree at one time, as a signed note. Spec: C2SP signed-note and tlog-checkpoint.
 *
 * <p>The note's text is the origin, the size and the root hash, a line each, and lines of extensions; an empty line and the
 * signatures of the log and of witnesses follow, one a line.
 *
 * @param text what is signed
 * @param origin the log
 * @param size how many entries the tree has
 * @param rootHash its root
 * @param signatures whoever signed
 */
@SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
record SignedNote(byte[] text, String origin, long size, byte[] rootHash, List<NoteSignature> signatures) {
    /** The most bytes of a checkpoint. */
    static final int MAX_LENGTH = 64 * 1024;

    /** The most signatures of a checkpoint. */
    static final int MAX_SIGNATURES = 32;

    /** How many bytes of a key's id stand before its signature. */
    static final int HINT_LENGTH = 4;

    private static final String SEPARATOR = "\n\n";
    private static final String DASH = "\u2014 ";
    private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,17}");
    private static final int HASH_LENGTH = 32;

    SignedNote {
        requireNonNull(origin, "origin is null");
        signatures = List.copyOf(signatures);
    }

    /**
     * One line of signature.
     *
     * @param name who says to have signed
     * @param hint the first bytes of the key's id
     * @param signature the signature
     */
    @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
    record NoteSignature(String name, byte[] hint, byte[] signature) {}

    static SignedNote parse(String note) throws SignatureRejectedException {
        if (note.length() > MAX_LENGTH) {
            throw refused("it has " + note.length() + " characters, limit " + MAX_LENGTH);
        }
        int end = note.lastIndexOf(SEPARATOR);
        if (end < 0 || !note.endsWith("\n")) {
            throw refused("it is no signed note: text, an empty line, and lines of signatures");
        }
        String text = note.substring(0, end + 1);
        String[] lines = text.split("\n", -1);
        if (lines.length < 4 || lines[0].isEmpty()) {
            throw refused("its text is not the lines origin, size and root hash");
        }
        if (!SIZE.matcher(lines[1]).matches()) {
            throw refused("its size is " + Quoted.text(lines[1]) + ", expected a number");
        }
        byte[] rootHash = base64(lines[2]);
        if (rootHash.length != HASH_LENGTH) {
            throw refused("its root hash has " + rootHash.length + " bytes, expected " + HASH_LENGTH);
        }
        return new SignedNote(
                text.getBytes(StandardCharsets.UTF_8),
                lines[0],
                Long.parseLong(lines[1]),
                rootHash,
                signatures(note.substring(end + SEPARATOR.length())));
    }

    private static List<NoteSignature> signatures(String text) throws SignatureRejectedException {
        List<NoteSignature> signatures = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (signatures.size() == MAX_SIGNATURES) {
                throw refused("it has more than " + MAX_SIGNATURES + " signatures");
            }
            String[] words =
                    line.startsWith(DASH) ? line.substring(DASH.length()).split(" ", -1) : new String[0];
            if (words.length != 2 || words[0].isEmpty()) {
                throw refused("a line of signature is " + Quoted.text(line) + ", expected a dash, a name and base64");
            }
            byte[] bytes = base64(words[1]);
            if (bytes.length <= HINT_LENGTH) {
                throw refused("a signature has " + bytes.length + " bytes, expected a key's hint and more");
            }
            signatures.add(new NoteSignature(
                    words[0], Arrays.copyOf(bytes, HINT_LENGTH), Arrays.copyOfRange(bytes, HINT_LENGTH, bytes.length)));
        }
        return signatures;
    }

    private static byte[] base64(String text) throws SignatureRejectedException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.LOG, "the checkpoint: not base64: " + Quoted.text(text), e);
        }
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.LOG, "the checkpoint: " + problem);
    }

    /** Verifies that this log has signed it; what others signed beside it is not looked at. */
    void verify(TrustedRoot.TransparencyLog log, SignatureKey key) throws SignatureRejectedException {
        if (!origin.equals(log.name()) && !origin.startsWith(log.name() + " - ")) {
            throw refused("its origin is " + Quoted.text(origin) + ", expected " + log.name());
        }
        List<NoteSignature> own = signatures.stream()
                .filter(signature -> signature.name().equals(log.name()) && Arrays.equals(signature.hint(), log.hint()))
                .toList();
        if (own.isEmpty()) {
            throw refused("none of " + signatures.size() + " signatures names " + log.name() + " and its key");
        }
        if (own.stream().noneMatch(signature -> key.verifies(text, signature.signature()))) {
            throw refused("the signature of " + log.name() + " is not of its key " + key.id());
        }
    }
}
