package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The COSE envelope: COSE_Sign1_Tagged (RFC 9052, 4.2). Spec: signature-envelope-cose.md.
 *
 * <p><b>Security.</b> Of the integer labels only {@code alg}, {@code crit}, {@code content type} and {@code x5chain} are
 * taken. The signature is over the protected bytes as they stand, which are those that are read.
 */
final class CoseEnvelope {
    /** The latest time that is taken: the last second of the year 9999. */
    static final long MAX_TIME = 253402300799L;

    private static final long SIGN1_TAG = 18;
    private static final long TIME_TAG = 1;

    private static final CborValue.Int ALG = new CborValue.Int(1);
    private static final CborValue.Int CRIT = new CborValue.Int(2);
    private static final CborValue.Int CONTENT_TYPE = new CborValue.Int(3);
    private static final CborValue.Int X5CHAIN = new CborValue.Int(33);

    private static final Set<String> PROTECTED_ONLY = Set.of(
            SignedAttributes.SCHEME,
            SignedAttributes.SIGNING_TIME,
            SignedAttributes.AUTHENTIC_SIGNING_TIME,
            SignedAttributes.EXPIRY);

    private CoseEnvelope() {}

    static NotationEnvelope.Parsed parse(byte[] cbor) throws SignatureRejectedException {
        if (!(read(cbor) instanceof CborValue.Tagged tagged) || tagged.tag() != SIGN1_TAG) {
            throw refused("not tagged as COSE_Sign1 (" + SIGN1_TAG + ")");
        }
        if (!(tagged.content() instanceof CborValue.Array array)
                || array.items().size() != 4) {
            throw refused("got " + tagged.content().kind() + ", expected an array of 4");
        }
        byte[] protectedBytes = bytes(array.items().get(0), "the protected headers");
        CborValue.MapValue header = map(read(protectedBytes), "the protected headers");
        CborValue.MapValue unprotected = map(array.items().get(1), "the unprotected headers");
        byte[] payload = bytes(array.items().get(2), "the payload");
        byte[] signature = bytes(array.items().get(3), "the signature");
        requireLabels(header, unprotected);
        String contentType = text(required(header, CONTENT_TYPE), "the content type");
        if (!contentType.equals(SignedAttributes.CONTENT_TYPE)) {
            throw refused("content type " + Quoted.text(contentType) + ", expected " + SignedAttributes.CONTENT_TYPE);
        }
        Optional<CborValue> timestamp = unprotected.get(new CborValue.Text(SignedAttributes.TIMESTAMP));
        return new NotationEnvelope.Parsed(
                algorithm(required(header, ALG)),
                SignedAttributes.read(new Header(header), critical(required(header, CRIT))),
                NotationEnvelope.chain(chain(header.get(X5CHAIN).isPresent() ? header : unprotected)),
                payload,
                signatureStructure(protectedBytes, payload),
                signature,
                timestamp.isPresent()
                        ? Optional.of(bytes(timestamp.get(), SignedAttributes.TIMESTAMP))
                        : Optional.empty());
    }

    private static CborValue read(byte[] cbor) throws SignatureRejectedException {
        try {
            return CborReader.read(cbor);
        } catch (CborException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, "the COSE envelope is malformed: " + e.getMessage(), e);
        }
    }

    private static void requireLabels(CborValue.MapValue header, CborValue.MapValue unprotected)
            throws SignatureRejectedException {
        Set<CborValue> signed = Set.of(ALG, CRIT, CONTENT_TYPE, X5CHAIN);
        for (CborValue label : header.entries().keySet()) {
            if (label instanceof CborValue.Int && !signed.contains(label)) {
                throw refused("the label " + label.kind() + " is not for this signature");
            }
        }
        for (CborValue label : unprotected.entries().keySet()) {
            boolean misplaced = label instanceof CborValue.Text text
                    ? PROTECTED_ONLY.contains(text.text())
                    : !label.equals(X5CHAIN);
            if (misplaced || header.entries().containsKey(label)) {
                throw refused("the label " + label.kind() + " may not stand unprotected");
            }
        }
    }

    private static SigningAlgorithm algorithm(CborValue value) throws SignatureRejectedException {
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            if (value.equals(new CborValue.Int(algorithm.coseLabel()))) {
                return algorithm;
            }
        }
        throw refused("the algorithm is " + value.kind() + ", expected -37, -38, -39, -7, -35 or -36");
    }

    private static List<String> critical(CborValue value) throws SignatureRejectedException {
        if (!(value instanceof CborValue.Array array)) {
            throw refused("crit is " + value.kind() + ", expected an array");
        }
        List<String> names = new ArrayList<>();
        for (CborValue item : array.items()) {
            names.add(text(item, "an item of crit"));
        }
        return names;
    }

    private static List<byte[]> chain(CborValue.MapValue headers) throws SignatureRejectedException {
        if (!(required(headers, X5CHAIN) instanceof CborValue.Array array)) {
            throw refused("x5chain is " + required(headers, X5CHAIN).kind() + ", expected an array");
        }
        List<byte[]> chain = new ArrayList<>();
        for (CborValue item : array.items()) {
            chain.add(bytes(item, "an item of x5chain"));
        }
        return chain;
    }

    /** What is signed (RFC 9052, 4.4): {@code ["Signature1", protected, h'', payload]}. */
    private static byte[] signatureStructure(byte[] protectedBytes, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x84);
        out.write(0x6a);
        out.writeBytes("Signature1".getBytes(StandardCharsets.US_ASCII));
        byteString(out, protectedBytes);
        byteString(out, new byte[0]);
        byteString(out, payload);
        return out.toByteArray();
    }

    private static void byteString(ByteArrayOutputStream out, byte[] bytes) {
        int length = bytes.length;
        if (length < 24) {
            out.write(0x40 | length);
        } else if (length < 0x100) {
            out.write(0x58);
            out.write(length);
        } else if (length < 0x10000) {
            out.write(0x59);
            out.write(length >>> 8);
            out.write(length);
        } else {
            out.write(0x5a);
            out.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        }
        out.writeBytes(bytes);
    }

    private static CborValue required(CborValue.MapValue map, CborValue.Int label) throws SignatureRejectedException {
        Optional<CborValue> value = map.get(label);
        if (value.isEmpty()) {
            throw refused("the label " + label.value() + " is missing");
        }
        return value.get();
    }

    private static byte[] bytes(CborValue value, String what) throws SignatureRejectedException {
        if (value instanceof CborValue.Bytes bytes && bytes.bytes().length > 0) {
            return bytes.bytes();
        }
        throw refused(what + ": got " + value.kind() + ", expected a byte string that is not empty");
    }

    private static String text(CborValue value, String what) throws SignatureRejectedException {
        if (value instanceof CborValue.Text text) {
            return text.text();
        }
        throw refused(what + ": got " + value.kind() + ", expected a text");
    }

    private static CborValue.MapValue map(CborValue value, String what) throws SignatureRejectedException {
        if (value instanceof CborValue.MapValue map) {
            return map;
        }
        throw refused(what + ": got " + value.kind() + ", expected a map");
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.FORMAT, "the COSE envelope is malformed: " + problem);
    }

    private record Header(CborValue.MapValue map) implements SignedAttributes.Source {
        @Override
        public Set<String> names() {
            return map.entries().keySet().stream()
                    .filter(CborValue.Text.class::isInstance)
                    .map(label -> ((CborValue.Text) label).text())
                    .collect(Collectors.toSet());
        }

        private CborValue get(String name) throws SignatureRejectedException {
            return map.get(new CborValue.Text(name)).orElseThrow(() -> refused(name + " is missing"));
        }

        @Override
        public String text(String name) throws SignatureRejectedException {
            return CoseEnvelope.text(get(name), name);
        }

        @Override
        public Instant time(String name) throws SignatureRejectedException {
            CborValue value = get(name);
            if (value instanceof CborValue.Tagged tagged
                    && tagged.tag() == TIME_TAG
                    && tagged.content() instanceof CborValue.Int seconds
                    && seconds.value() >= 0
                    && seconds.value() <= MAX_TIME) {
                return Instant.ofEpochSecond(seconds.value());
            }
            throw refused(name + " is " + value.kind() + ", expected whole seconds of tag " + TIME_TAG);
        }
    }
}
