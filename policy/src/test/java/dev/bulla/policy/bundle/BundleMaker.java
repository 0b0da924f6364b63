package dev.bulla.policy.bundle;

import static dev.bulla.policy.bundle.SigstoreInstance.base64;
import static dev.bulla.policy.bundle.SigstoreInstance.sha256;

import dev.bulla.policy.signature.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Makes a bundle as a client would, with one thing or another done wrong. A fresh one is good. */
public final class BundleMaker {
    public static final String V0_3 = "application/vnd.dev.sigstore.bundle.v0.3+json";
    static final String V0_1 = "application/vnd.dev.sigstore.bundle+json;version=0.1";

    private final SigstoreInstance instance;

    String mediaType = V0_3;
    String payloadType = "application/vnd.in-toto+json";
    String payload;
    String kind = "hashedrekord";
    String kindVersion = "0.0.2";
    Instant integrated = SigstoreInstance.SIGNED;
    Instant stamped = SigstoreInstance.SIGNED;
    boolean promise;
    boolean proof = true;
    boolean checkpoint = true;
    boolean timestamp = true;
    public boolean byKey;
    SigningKey logKey;
    SigningKey signingKey;
    X509Certificate certificate;
    UnaryOperator<String> body = UnaryOperator.identity();
    UnaryOperator<String> note = UnaryOperator.identity();
    UnaryOperator<String> signedNote = UnaryOperator.identity();
    UnaryOperator<byte[]> stampedBytes = UnaryOperator.identity();
    UnaryOperator<String> entry = UnaryOperator.identity();
    public UnaryOperator<String> whole = UnaryOperator.identity();

    public BundleMaker(SigstoreInstance instance, String payload) throws Exception {
        this.instance = instance;
        this.payload = payload;
        this.logKey = instance.rekor;
        this.signingKey = instance.signer;
        this.certificate = instance.certificate(new SigstoreInstance.Leaf());
    }

    private byte[] encoding() {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return ("DSSEv1 " + payloadType.length() + " " + payloadType + " " + bytes.length + " " + payload)
                .getBytes(StandardCharsets.UTF_8);
    }

    private String verifier() throws Exception {
        return byKey
                ? "'publicKey':{'rawBytes':'"
                        + base64(signingKey.pair().getPublic().getEncoded()) + "'}"
                : "'x509Certificate':{'rawBytes':'" + base64(certificate.getEncoded()) + "'}";
    }

    private String pem() throws Exception {
        return base64(
                byKey
                        ? SigningKey.pem(
                                "PUBLIC KEY", signingKey.pair().getPublic().getEncoded())
                        : SigningKey.pem("CERTIFICATE", certificate.getEncoded()));
    }

    private String spec(byte[] signature) throws Exception {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        String sig = base64(signature);
        String payloadHex = HexFormat.of().formatHex(sha256(bytes));
        return switch (kind + kindVersion) {
            case "hashedrekord0.0.1" ->
                "{'data':{'hash':{'algorithm':'sha256','value':'"
                        + HexFormat.of().formatHex(sha256(encoding())) + "'}},'signature':{'content':'" + sig
                        + "','publicKey':{'content':'" + pem() + "'}}}";
            case "hashedrekord0.0.2" ->
                "{'hashedRekordV002':{'data':{'algorithm':'SHA2_256','digest':'" + base64(sha256(encoding()))
                        + "'},'signature':{'content':'" + sig + "','verifier':{" + verifier() + "}}}}";
            case "dsse0.0.1" ->
                "{'payloadHash':{'algorithm':'sha256','value':'" + payloadHex + "'},'signatures':[{'signature':'" + sig
                        + "','verifier':'" + pem() + "'}]}";
            case "dsse0.0.2" ->
                "{'dsseV002':{'payloadHash':{'algorithm':1,'digest':'" + base64(sha256(bytes))
                        + "'},'signatures':[{'content':'" + sig + "','verifier':{" + verifier() + "}}]}}";
            default ->
                "{'content':{'payloadHash':{'algorithm':'sha256','value':'" + payloadHex
                        + "'},'envelope':{'payloadType':'" + payloadType + "','signatures':[{'sig':'"
                        + base64(sig.getBytes(StandardCharsets.US_ASCII)) + "','publicKey':'" + pem() + "'}]}}}";
        };
    }

    private String proof(byte[] entryBody) throws Exception {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            leaves.add(new byte[] {(byte) i});
        }
        leaves.set(3, entryBody);
        MerkleTree tree = new MerkleTree(leaves);
        String text = note.apply(SigstoreInstance.LOG_NAME + " - 17\n5\n" + base64(tree.root()) + "\n");
        byte[] signature = logKey.sign(text.getBytes(StandardCharsets.UTF_8));
        byte[] hinted = new byte[4 + signature.length];
        System.arraycopy(sha256(instance.rekor.pair().getPublic().getEncoded()), 0, hinted, 0, 4);
        System.arraycopy(signature, 0, hinted, 4, signature.length);
        String signed = signedNote.apply(text + "\n\u2014 " + SigstoreInstance.LOG_NAME + " " + base64(hinted) + "\n");
        String hashes = String.join(
                ",", tree.path(3).stream().map(hash -> "'" + base64(hash) + "'").toList());
        return ",'inclusionProof':{'logIndex':'3','treeSize':5,'rootHash':'" + base64(tree.root()) + "','hashes':["
                + hashes + "]"
                + (checkpoint ? ",'checkpoint':{'envelope':'" + signed.replace("\n", "\\n") + "'}" : "")
                + "}";
    }

    private String promise(byte[] entryBody, String logId) throws Exception {
        String signed = String.format(
                        Locale.ROOT,
                        "{'body':'%s','integratedTime':%d,'logID':'%s','logIndex':33}",
                        base64(entryBody),
                        integrated.getEpochSecond(),
                        logId)
                .replace('\'', '"');
        return ",'integratedTime':'" + integrated.getEpochSecond() + "','inclusionPromise':{'signedEntryTimestamp':'"
                + base64(logKey.sign(signed.getBytes(StandardCharsets.UTF_8))) + "'}";
    }

    public byte[] make() throws Exception {
        byte[] signature = signingKey.sign(encoding());
        byte[] logId = sha256(instance.rekor.pair().getPublic().getEncoded());
        byte[] entryBody = body.apply(
                        ("{'apiVersion':'" + kindVersion + "','kind':'" + kind + "','spec':" + spec(signature) + "}")
                                .replace('\'', '"'))
                .getBytes(StandardCharsets.UTF_8);
        String logged = entry.apply("{'logIndex':'33','logId':{'keyId':'" + base64(logId)
                + "'},'kindVersion':{'kind':'" + kind + "','version':'" + kindVersion + "'}"
                + (promise ? promise(entryBody, HexFormat.of().formatHex(logId)) : "")
                + (proof ? proof(entryBody) : "")
                + ",'canonicalizedBody':'" + base64(entryBody) + "'}");
        String rawCertificate = "{'rawBytes':'" + base64(certificate.getEncoded()) + "'}";
        String material = byKey
                ? "'publicKey':{'hint':'any'}"
                : mediaType.equals(V0_3)
                        ? "'certificate':" + rawCertificate
                        : "'x509CertificateChain':{'certificates':[" + rawCertificate + "]}";
        String stamp = timestamp
                ? ",'timestampVerificationData':{'rfc3161Timestamps':[{'signedTimestamp':'"
                        + base64(instance.timestamp(stampedBytes.apply(signature), stamped)) + "'}]}"
                : "";
        return whole.apply(("{'mediaType':'" + mediaType + "','verificationMaterial':{" + material
                                + ",'tlogEntries':[" + logged + "]" + stamp + "},'dsseEnvelope':{'payload':'"
                                + base64(payload.getBytes(StandardCharsets.UTF_8)) + "','payloadType':'" + payloadType
                                + "','signatures':[{'sig':'" + base64(signature) + "','keyid':''}]}}")
                        .replace('\'', '"'))
                .getBytes(StandardCharsets.UTF_8);
    }
}
