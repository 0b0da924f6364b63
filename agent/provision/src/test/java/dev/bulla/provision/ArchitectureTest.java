package dev.bulla.provision;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rooms, what each may know, and what no code of ours may call: the rules that a review need not look for. */
class ArchitectureTest {
    private static final String OCI = "dev.bulla.oci";
    private static final String LINUX = "dev.bulla.linux";
    private static final String PROTOCOL = "dev.bulla.attestation.protocol";

    /** Which rooms of ours a room may know besides itself; see docs/adr/0001. */
    private static final Map<String, Set<String>> MAY_KNOW = new LinkedHashMap<>();

    static {
        MAY_KNOW.put(OCI, Set.of());
        MAY_KNOW.put(LINUX, Set.of());
        MAY_KNOW.put("dev.bulla.ocicrypt", Set.of(OCI, LINUX));
        MAY_KNOW.put("dev.bulla.policy", Set.of(OCI, LINUX));
        MAY_KNOW.put("dev.bulla.registry", Set.of(OCI, LINUX));
        MAY_KNOW.put("dev.bulla.composefs", Set.of(OCI, LINUX));
        MAY_KNOW.put(PROTOCOL, Set.of(OCI, LINUX));
        MAY_KNOW.put("dev.bulla.attestation.client", Set.of(OCI, LINUX, PROTOCOL));
        MAY_KNOW.put("dev.bulla.kbs", Set.of(OCI, LINUX, PROTOCOL));
        MAY_KNOW.put(
                "dev.bulla.guest",
                Set.of(
                        OCI,
                        LINUX,
                        PROTOCOL,
                        "dev.bulla.ocicrypt",
                        "dev.bulla.policy",
                        "dev.bulla.registry",
                        "dev.bulla.composefs",
                        "dev.bulla.attestation.client"));
    }

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.bulla");
    }

    @Test
    void rooms_allOfThem_areNamedHere() {
        List<String> rooms = new ArrayList<>(MAY_KNOW.keySet());
        rooms.add("dev.bulla.provision");
        assertThat(classes).isNotEmpty();
        classes().should().resideInAnyPackage(inside(rooms)).check(classes);
        for (String room : rooms) {
            assertThat(classes.that(resideInAPackage(room + ".."))).as(room).isNotEmpty();
        }
    }

    @TestFactory
    Stream<DynamicTest> rooms_each_knowsOnlyWhatItMay() {
        return MAY_KNOW.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    List<String> allowed = new ArrayList<>(entry.getValue());
                    allowed.add(entry.getKey());
                    DescribedPredicate<JavaClass> ours = resideInAPackage("dev.bulla..");
                    noClasses()
                            .that()
                            .resideInAPackage(entry.getKey() + "..")
                            .should()
                            .dependOnClassesThat(ours.and(DescribedPredicate.not(resideInAnyPackage(inside(allowed)))))
                            .check(classes);
                }));
    }

    /** A child would hold copies of our descriptors: fs-verity cannot be enabled on a file that one of them may write. */
    @Test
    void processes_inTheGuest_areNotStarted() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.bulla.provision..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class, Process.class)
                .check(classes);
    }

    @Test
    void foreignFunctions_outsideLinux_areNotUsed() {
        noClasses()
                .that()
                .resideOutsideOfPackage(LINUX + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(classes);
    }

    @Test
    void publicSignatures_ofTheRooms_nameOnlyTheJdkAndOurselves() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .areDeclaredInClassesThat(DescribedPredicate.not(resideInAnyPackage("dev.bulla..cli..")))
                .should(nameOnlyTheJdkAndOurselves())
                .check(classes);
    }

    @Test
    void localeAndCharset_defaults_areNotUsed() {
        noClasses()
                .should()
                .callMethod(String.class, "format", String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "toLowerCase")
                .orShould()
                .callMethod(String.class, "toUpperCase")
                .orShould()
                .callMethod(String.class, "getBytes")
                .orShould()
                .callConstructor(String.class, byte[].class)
                .check(classes);
    }

    @Test
    void hazards_namedOnes_areNotCalled() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .callMethod(java.net.URI.class, "resolve", String.class)
                .orShould()
                .callMethod(java.net.URI.class, "resolve", java.net.URI.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("com.fasterxml.jackson.databind..")
                .check(classes);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.bulla..cli..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(classes);
    }

    @Test
    void jackson_outsideJson_isNotUsed() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.bulla.oci.json..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson..")
                .check(classes);
    }

    @Test
    void tomlParser_outsideToml_isNotUsed() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.bulla.oci.toml..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.tomlj..", "org.antlr..")
                .check(classes);
    }

    @Test
    void yamlParser_outsideYaml_isNotUsed() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.bulla.oci.yaml..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.snakeyaml..")
                .check(classes);
    }

    @Test
    void bouncyCastle_readsSignaturesInTheGuest_andMakesCertificatesOutside() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.bulla.composefs.signature..",
                        "dev.bulla.ocicrypt.pgp..",
                        "dev.bulla.ocicrypt.pkcs7..",
                        "dev.bulla.policy.openpgp..",
                        "dev.bulla.policy.sigstore..",
                        "dev.bulla.policy.bundle..",
                        "dev.bulla.policy.notation..")
                .and()
                .doNotHaveFullyQualifiedName("dev.bulla.kbs.SelfSignedCertificate")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("dev.bulla.composefs.signature..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.bouncycastle..")
                        .and(DescribedPredicate.not(resideInAPackage("org.bouncycastle.asn1.."))))
                .check(classes);
    }

    @Test
    void openPgp_outsideSimpleSigningAndItsWrap_isNotUsed() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.bulla.policy.openpgp..", "dev.bulla.ocicrypt.pgp..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle.bcpg..", "org.bouncycastle.openpgp..")
                .check(classes);
    }

    /** Each kind of signature is verified by itself; what they share is below them, what chooses among them above. */
    @Test
    void kindsOfSignature_knowNeitherEachOtherNorThePolicy() {
        List<String> kinds = List.of("openpgp", "sigstore", "bundle", "notation", "libtrust");
        for (String kind : kinds) {
            noClasses()
                    .that()
                    .resideInAPackage("dev.bulla.policy." + kind + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(Stream.concat(
                                    Stream.of("dev.bulla.policy", "dev.bulla.policy.lint.."),
                                    kinds.stream()
                                            .filter(other -> !other.equals(kind))
                                            .map(other -> "dev.bulla.policy." + other + ".."))
                            .toArray(String[]::new))
                    .check(classes);
        }
    }

    @Test
    void signers_inTheGuest_areNotUsed() {
        noClasses()
                .that()
                .resideInAPackage("dev.bulla.guest..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("dev\\.bulla\\.composefs\\.signature\\..*Signer")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.security.PrivateKey.class)
                .check(classes);
    }

    private static String[] inside(List<String> rooms) {
        return rooms.stream().map(room -> room + "..").toArray(String[]::new);
    }

    private static ArchCondition<JavaMethod> nameOnlyTheJdkAndOurselves() {
        return new ArchCondition<>("name only the JDK's types and our own") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                if (!method.getModifiers().contains(JavaModifier.PUBLIC)) {
                    return;
                }
                Stream.concat(Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
                        .map(JavaClass::getBaseComponentType)
                        .filter(type -> !type.isPrimitive()
                                && !type.getPackageName().startsWith("java")
                                && !type.getPackageName().startsWith("com.sun.net.httpserver")
                                && !type.getPackageName().startsWith("dev.bulla"))
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                method, method.getFullName() + " names " + type.getName())));
            }
        };
    }
}
