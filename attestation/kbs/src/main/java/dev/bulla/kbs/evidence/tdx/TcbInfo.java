package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Intel's TCB info of a kind of TDX platform, version 3: the levels that it can stand at.
 *
 * @param issueDate when it was issued
 * @param nextUpdate until when it holds
 * @param fmspc the platforms that it is of, 6 bytes
 * @param pceId their provisioning certification enclave, 2 bytes
 * @param evaluationNumber which of Intel's evaluations it belongs to
 * @param module the identity of a TDX module of version 0
 * @param modules the identities of later versions
 * @param levels the levels, the highest first
 */
@SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
record TcbInfo(
        Instant issueDate,
        Instant nextUpdate,
        byte[] fmspc,
        byte[] pceId,
        long evaluationNumber,
        ModuleIdentity module,
        List<ModuleIdentity> modules,
        List<Level> levels) {

    /** How many levels and identities there may be. */
    static final int MAX_LEVELS = 256;

    /**
     * Who signed a TDX module.
     *
     * @param id its name, {@code TDX_01}; of the module of version 0 empty
     */
    record ModuleIdentity(
            String id, byte[] mrSigner, byte[] attributes, byte[] attributesMask, List<IsvLevel> levels) {}

    /** A level: it is reached by security versions that are all as high or higher. */
    record Level(int[] sgxSvns, int pceSvn, int[] tdxSvns, TcbVerdict verdict) {}

    /** Reads the member {@code tcbInfo}. */
    static TcbInfo parse(byte[] json) throws JsonException {
        JsonCursor.Members info = JsonCursor.parse(json).object();
        JsonCursor id = info.required("id");
        if (!id.string().equals("TDX")) {
            throw id.refuse("expected \"TDX\"");
        }
        info.required("version").integer(3, 3);
        info.required("tcbType").integer(0, 0); // the one type of comparison there is
        List<ModuleIdentity> modules = new ArrayList<>();
        Optional<JsonCursor> identities = info.present("tdxModuleIdentities");
        if (identities.isPresent()) {
            for (JsonCursor item : bounded(identities.get())) {
                JsonCursor.Members module = item.object();
                modules.add(
                        module(module, module.required("id").string(), IsvLevel.parse(module.required("tcbLevels"))));
            }
        }
        List<Level> levels = new ArrayList<>();
        for (JsonCursor item : bounded(info.required("tcbLevels"))) {
            JsonCursor.Members level = item.object();
            JsonCursor.Members tcb = level.required("tcb").object();
            levels.add(new Level(
                    svns(tcb.required("sgxtcbcomponents")),
                    (int) tcb.required("pcesvn").integer(0, 0xffff),
                    svns(tcb.required("tdxtcbcomponents")),
                    TcbVerdict.parse(level)));
        }
        return new TcbInfo(
                CollateralJson.time(info.required("issueDate")),
                CollateralJson.time(info.required("nextUpdate")),
                CollateralJson.hex(info.required("fmspc"), 6),
                CollateralJson.hex(info.required("pceId"), 2),
                info.required("tcbEvaluationDataNumber").integer(0, Integer.MAX_VALUE),
                module(info.required("tdxModule").object(), "", List.of()),
                List.copyOf(modules),
                List.copyOf(levels));
    }

    private static ModuleIdentity module(JsonCursor.Members module, String id, List<IsvLevel> levels)
            throws JsonException {
        return new ModuleIdentity(
                id,
                CollateralJson.hex(module.required("mrsigner"), 48),
                CollateralJson.hex(module.required("attributes"), 8),
                CollateralJson.hex(module.required("attributesMask"), 8),
                levels);
    }

    private static List<JsonCursor> bounded(JsonCursor array) throws JsonException {
        List<JsonCursor> items = array.array();
        if (items.size() > MAX_LEVELS) {
            throw array.refuse(items.size() + " items, expected at most " + MAX_LEVELS);
        }
        return items;
    }

    private static int[] svns(JsonCursor components) throws JsonException {
        List<JsonCursor> items = components.array();
        if (items.size() != PckExtension.COMPONENTS) {
            throw components.refuse(items.size() + " components, expected " + PckExtension.COMPONENTS);
        }
        int[] svns = new int[items.size()];
        for (int i = 0; i < svns.length; i++) {
            svns[i] = (int) items.get(i).object().required("svn").integer(0, 0xff);
        }
        return svns;
    }

    /** Refuses a platform that this is not the TCB info of. */
    void requirePlatform(PckExtension platform) throws EvidenceException {
        if (!Arrays.equals(fmspc, platform.fmspc()) || !Arrays.equals(pceId, platform.pceId())) {
            throw new EvidenceException("TDX collateral: TCB info of FMSPC " + text(fmspc) + " and PCE " + text(pceId)
                    + ", expected " + text(platform.fmspc()) + " and " + text(platform.pceId()));
        }
    }

    /**
     * Judges a platform whose TDX module and loader have these security versions.
     *
     * <p>The second of them is the module's version. From version 1 on the module is judged by the levels of its identity, and
     * the first two are not compared with the platform's levels.
     *
     * @param teeTcbSvn the security versions, 16 bytes
     * @param qe what is said of the quoting enclave
     * @throws EvidenceException when no level is reached, or the module is not one of Intel's
     */
    TcbVerdict judge(PckExtension platform, byte[] teeTcbSvn, TdxQuote quote, TcbVerdict qe) throws EvidenceException {
        int version = Byte.toUnsignedInt(teeTcbSvn[1]);
        List<TcbVerdict> components = new ArrayList<>();
        if (version == 0) {
            requireModule(module, quote);
        } else {
            String id = String.format(Locale.ROOT, "TDX_%02X", version);
            ModuleIdentity identity = modules.stream()
                    .filter(m -> m.id().equalsIgnoreCase(id))
                    .findFirst()
                    .orElseThrow(() -> new EvidenceException("TDX collateral: no TDX module identity " + id));
            requireModule(identity, quote);
            int svn = Byte.toUnsignedInt(teeTcbSvn[0]);
            components.add(IsvLevel.reached(identity.levels(), svn)
                    .orElseThrow(() -> new EvidenceException(
                            "TDX collateral: TDX module " + id + " with SVN " + svn + " is below every level"))
                    .verdict());
        }
        components.add(qe);
        int first = version == 0 ? 0 : 2;
        return levels.stream()
                .filter(level -> reached(level, platform, teeTcbSvn, first))
                .findFirst()
                .orElseThrow(() -> new EvidenceException("TDX collateral: the platform is below every TCB level"))
                .verdict()
                .with(components);
    }

    private static boolean reached(Level level, PckExtension platform, byte[] teeTcbSvn, int first) {
        if (platform.pceSvn() < level.pceSvn()) {
            return false;
        }
        for (int i = 0; i < PckExtension.COMPONENTS; i++) {
            if (platform.componentSvns()[i] < level.sgxSvns()[i]
                    || (i >= first && Byte.toUnsignedInt(teeTcbSvn[i]) < level.tdxSvns()[i])) {
                return false;
            }
        }
        return true;
    }

    private static void requireModule(ModuleIdentity identity, TdxQuote quote) throws EvidenceException {
        if (!Arrays.equals(quote.field(TdField.MRSIGNER_SEAM), identity.mrSigner())) {
            throw new EvidenceException("TDX collateral: the TDX module has another signer than its identity says");
        }
        if (!CollateralJson.matches(
                quote.field(TdField.SEAM_ATTRIBUTES), identity.attributesMask(), identity.attributes())) {
            throw new EvidenceException("TDX collateral: the TDX module has other attributes than its identity says");
        }
    }

    private static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
