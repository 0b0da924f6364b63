package dev.bulla.policy.notation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** An envelope that a test makes, good where nothing else is said. */
public final class TestEnvelope {
    public static final Instant SIGNED = Instant.parse("2026-03-01T12:00:00Z");

    private final Minted signer;
    private byte[] payload;
    private String contentType = SignedAttributes.CONTENT_TYPE;
    private Optional<SigningAlgorithm> said = Optional.empty();
    private Optional<SigningAlgorithm> signs = Optional.empty();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final List<String> critical = new ArrayList<>(List.of(SignedAttributes.SCHEME));
    private final Map<String, String> unprotected = new LinkedHashMap<>();
    private Optional<Tokens> timestamp = Optional.empty();
    private UnaryOperator<String> protectedJson = json -> json;
    private UnaryOperator<byte[]> signature = bytes -> bytes;

    /** Makes a time stamp token over a signature. */
    public interface Tokens {
        byte[] over(byte[] signature) throws Exception;
    }

    private TestEnvelope(Minted signer, byte[] payload) {
        this.signer = signer;
        this.payload = payload.clone();
    }

    public static TestEnvelope x509(Minted signer, Descriptor target) {
        TestEnvelope envelope = new TestEnvelope(signer, payload(target));
        envelope.attributes.put(SignedAttributes.SCHEME, "notary.x509");
        envelope.attributes.put(SignedAttributes.SIGNING_TIME, SIGNED);
        return envelope;
    }

    public static TestEnvelope signingAuthority(Minted signer, Descriptor target) {
        TestEnvelope envelope = new TestEnvelope(signer, payload(target));
        envelope.attributes.put(SignedAttributes.SCHEME, "notary.x509.signingAuthority");
        envelope.attributes.put(SignedAttributes.AUTHENTIC_SIGNING_TIME, SIGNED);
        envelope.critical.add(SignedAttributes.AUTHENTIC_SIGNING_TIME);
        return envelope;
    }

    static byte[] payload(Descriptor target) {
        return JsonWriter.compact(JsonObject.builder()
                        .put("targetArtifact", target.toJson())
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }

    @CanIgnoreReturnValue
    public TestEnvelope payload(String text) {
        payload = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    @CanIgnoreReturnValue
    TestEnvelope contentType(String other) {
        contentType = other;
        return this;
    }

    @CanIgnoreReturnValue
    TestEnvelope says(SigningAlgorithm other) {
        said = Optional.of(other);
        return this;
    }

    /** Sets an attribute: a text or a time. */
    @CanIgnoreReturnValue
    public TestEnvelope with(String name, Object value) {
        attributes.put(name, value);
        return this;
    }

    @CanIgnoreReturnValue
    TestEnvelope without(String name) {
        attributes.remove(name);
        return this;
    }

    @CanIgnoreReturnValue
    TestEnvelope critical(String... names) {
        critical.clear();
        critical.addAll(List.of(names));
        return this;
    }

    @CanIgnoreReturnValue
    public TestEnvelope expiry(Instant expiry) {
        critical.add(SignedAttributes.EXPIRY);
        return with(SignedAttributes.EXPIRY, expiry);
    }

    @CanIgnoreReturnValue
    TestEnvelope unprotected(String name, String value) {
        unprotected.put(name, value);
        return this;
    }

    @CanIgnoreReturnValue
    public TestEnvelope timestamp(Tokens tokens) {
        timestamp = Optional.of(tokens);
        return this;
    }

    @CanIgnoreReturnValue
    TestEnvelope protectedJson(UnaryOperator<String> change) {
        protectedJson = change;
        return this;
    }

    @CanIgnoreReturnValue
    TestEnvelope signature(UnaryOperator<byte[]> change) {
        signature = change;
        return this;
    }

    /** The algorithm that goes with the keys, whatever the certificate says. */
    private SigningAlgorithm algorithm() throws Exception {
        return signs.isPresent() ? signs.get() : SigningAlgorithm.of(signer.certificate());
    }

    /** Signs by an algorithm that is not the certificate's. */
    @CanIgnoreReturnValue
    TestEnvelope signs(SigningAlgorithm other) {
        signs = Optional.of(other);
        return this;
    }

    private byte[] sign(byte[] bytes) throws Exception {
        String name = algorithm().name();
        String hash = "SHA-" + name.substring(2);
        Signature signing;
        if (name.startsWith("PS")) {
            signing = Signature.getInstance("RSASSA-PSS");
            signing.setParameter(new PSSParameterSpec(
                    hash, "MGF1", new MGF1ParameterSpec(hash), Integer.parseInt(name.substring(2)) / 8, 1));
        } else {
            signing = Signature.getInstance("SHA" + name.substring(2) + "withECDSAinP1363Format");
        }
        signing.initSign(signer.keys().getPrivate());
        signing.update(bytes);
        return signature.apply(signing.sign());
    }

    public byte[] bytes(String mediaType) throws Exception {
        return mediaType.equals(NotationEnvelope.JWS) ? jws() : cose();
    }

    public byte[] jws() throws Exception {
        return JsonWriter.compact(jwsJson()).getBytes(StandardCharsets.UTF_8);
    }

    JsonObject jwsJson() throws Exception {
        JsonObject.Builder header = JsonObject.builder()
                .put("alg", (said.isPresent() ? said.get() : algorithm()).jwsName())
                .put("cty", contentType)
                .put(
                        "crit",
                        new JsonArray(critical.stream()
                                .map(name -> (JsonValue) new JsonString(name))
                                .toList()));
        attributes.forEach((name, value) -> header.put(name, value.toString()));
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String head = url.encodeToString(
                protectedJson.apply(JsonWriter.compact(header.build())).getBytes(StandardCharsets.UTF_8));
        String body = url.encodeToString(payload);
        byte[] signed = sign((head + "." + body).getBytes(StandardCharsets.US_ASCII));
        List<JsonValue> x5c = new ArrayList<>();
        for (X509Certificate certificate : signer.chain()) {
            x5c.add(new JsonString(Base64.getEncoder().encodeToString(certificate.getEncoded())));
        }
        JsonObject.Builder beside = JsonObject.builder().put("x5c", new JsonArray(x5c));
        unprotected.forEach((name, value) -> beside.put(name, value));
        if (timestamp.isPresent()) {
            beside.put(
                    SignedAttributes.TIMESTAMP,
                    Base64.getEncoder().encodeToString(timestamp.get().over(signed)));
        }
        return JsonObject.builder()
                .put("payload", body)
                .put("protected", head)
                .put("header", beside.build())
                .put("signature", url.encodeToString(signed))
                .build();
    }

    /** The protected headers of the COSE envelope. */
    Map<CborValue, CborValue> coseHeader() throws Exception {
        Map<CborValue, CborValue> header = new LinkedHashMap<>();
        header.put(new CborValue.Int(1), new CborValue.Int((said.isPresent() ? said.get() : algorithm()).coseLabel()));
        header.put(
                new CborValue.Int(2),
                CborWriter.array(critical.stream().map(CborWriter::text).toList()));
        header.put(new CborValue.Int(3), CborWriter.text(contentType));
        attributes.forEach((name, value) -> header.put(
                CborWriter.text(name),
                value instanceof Instant time
                        ? new CborValue.Tagged(1, new CborValue.Int(time.getEpochSecond()))
                        : CborWriter.text(value.toString())));
        return header;
    }

    public byte[] cose() throws Exception {
        return CborWriter.write(new CborValue.Tagged(18, coseArray(new CborValue.MapValue(coseHeader()))));
    }

    CborValue.Array coseArray(CborValue header) throws Exception {
        byte[] head = CborWriter.write(header);
        byte[] signed = sign(CborWriter.write(new CborValue.Array(List.of(
                CborWriter.text("Signature1"),
                new CborValue.Bytes(head),
                new CborValue.Bytes(new byte[0]),
                new CborValue.Bytes(payload)))));
        Map<CborValue, CborValue> beside = new LinkedHashMap<>();
        List<CborValue> x5chain = new ArrayList<>();
        for (X509Certificate certificate : signer.chain()) {
            x5chain.add(new CborValue.Bytes(certificate.getEncoded()));
        }
        beside.put(new CborValue.Int(33), new CborValue.Array(x5chain));
        unprotected.forEach((name, value) -> beside.put(CborWriter.text(name), CborWriter.text(value)));
        if (timestamp.isPresent()) {
            beside.put(
                    CborWriter.text(SignedAttributes.TIMESTAMP),
                    new CborValue.Bytes(timestamp.get().over(signed)));
        }
        return new CborValue.Array(List.of(
                new CborValue.Bytes(head),
                new CborValue.MapValue(beside),
                new CborValue.Bytes(payload),
                new CborValue.Bytes(signed)));
    }
}
