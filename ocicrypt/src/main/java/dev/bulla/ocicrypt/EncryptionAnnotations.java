package dev.bulla.ocicrypt;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The annotations by which a layer's descriptor says how the layer is encrypted: {@value #PUBLIC_OPTIONS}, and
 * {@value #KEYS}{@code <scheme>} with comma-joined base64 wraps, of which any one suffices.
 *
 * <p><b>Security.</b> They are not authenticated, except by a signature over the manifest.
 */
public final class EncryptionAnnotations {
    private static final String PREFIX = "org.opencontainers.image.enc.";

    /** The annotation of the public options. */
    public static final String PUBLIC_OPTIONS = "org.opencontainers.image.enc.pubopts";

    /** What the annotations of wraps begin with. */
    public static final String KEYS = "org.opencontainers.image.enc.keys.";

    /** The most bytes of one wrap. */
    public static final int MAX_PACKET_SIZE = 128 << 10;

    /** The most wraps of one layer. */
    public static final int MAX_PACKETS = 64;

    private static final int MAX_PACKET_TEXT = (MAX_PACKET_SIZE + 2) / 3 * 4;
    private static final int MAX_OPTIONS_TEXT = (PublicOptions.MAX_SIZE + 2) / 3 * 4;

    /** One wrap. */
    @SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
    record Packet(String scheme, byte[] bytes) {}

    private final PublicOptions publicOptions;
    private final List<Packet> packets;

    private EncryptionAnnotations(PublicOptions publicOptions, List<Packet> packets) {
        this.publicOptions = publicOptions;
        this.packets = List.copyOf(packets);
    }

    /**
     * Reads the annotations of an encrypted layer.
     *
     * @throws MalformedEncryptionException when options or wraps are missing, malformed or over a limit
     */
    public static EncryptionAnnotations parse(Map<String, String> annotations) throws MalformedEncryptionException {
        String options = annotations.get(PUBLIC_OPTIONS);
        if (options == null) {
            throw new MalformedEncryptionException("the annotation " + PUBLIC_OPTIONS + " is missing");
        }
        PublicOptions publicOptions = PublicOptions.parse(decode(PUBLIC_OPTIONS, options, MAX_OPTIONS_TEXT));
        List<Packet> packets = new ArrayList<>();
        // By name, so that the order of trial does not hang on how a map happens to be ordered.
        for (Map.Entry<String, String> annotation : new TreeMap<>(annotations).entrySet()) {
            if (!annotation.getKey().startsWith(KEYS)) {
                continue;
            }
            String scheme = annotation.getKey().substring(KEYS.length());
            for (String item : annotation.getValue().split(",", -1)) {
                if (packets.size() == MAX_PACKETS) {
                    throw new MalformedEncryptionException("more than " + MAX_PACKETS + " key wraps");
                }
                packets.add(new Packet(scheme, decode(annotation.getKey(), item, MAX_PACKET_TEXT)));
            }
        }
        if (packets.isEmpty()) {
            throw new MalformedEncryptionException("no annotation " + KEYS + "* is there, so the layer has no key");
        }
        return new EncryptionAnnotations(publicOptions, packets);
    }

    private static byte[] decode(String name, String text, int maxText) throws MalformedEncryptionException {
        if (text.isEmpty() || text.length() > maxText) {
            throw new MalformedEncryptionException("annotation " + Quoted.text(name) + ": got a value of "
                    + text.length() + " characters, expected 1 to " + maxText);
        }
        try {
            return StrictBase64.decode(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedEncryptionException("annotation " + Quoted.text(name) + ": not base64", e);
        }
    }

    /**
     * Refuses a layer whose annotations contradict its media type: {@code +encrypted} without options or wraps, or
     * options or wraps without {@code +encrypted}.
     *
     * @param encrypted whether the media type says {@code +encrypted}
     */
    public static void check(boolean encrypted, Map<String, String> annotations) throws MalformedEncryptionException {
        if (encrypted) {
            parse(annotations);
            return;
        }
        for (String name : annotations.keySet()) {
            if (belongsToEncryption(name)) {
                throw new MalformedEncryptionException(
                        "the annotation " + Quoted.text(name) + " is there, but the media type is not +encrypted");
            }
        }
    }

    /** The annotations without those of encryption, in their order: what the layer has once it is decrypted. */
    public static Map<String, String> withoutEncryption(Map<String, String> annotations) {
        Map<String, String> rest = new LinkedHashMap<>(annotations);
        rest.keySet().removeIf(EncryptionAnnotations::belongsToEncryption);
        return Collections.unmodifiableMap(rest);
    }

    private static boolean belongsToEncryption(String name) {
        return name.startsWith(PREFIX);
    }

    /** The schemes by which the layer's key is wrapped, each once, in the order of trial. */
    public List<String> schemes() {
        return packets.stream().map(Packet::scheme).distinct().toList();
    }

    PublicOptions publicOptions() {
        return publicOptions;
    }

    List<Packet> packets() {
        return packets;
    }
}
