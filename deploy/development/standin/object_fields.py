"""The fields of each object, as Stripe's published examples have them. Those that nobody sets are null."""

import secrets
import string
from typing import Any

Json = dict[str, Any]
API_VERSION = "2026-10-28.endive"
_LETTERS = string.ascii_letters + string.digits

ADDRESS = "city country line1 line2 postal_code state"
_KEYS = {
    "product": """active created default_price description id images livemode marketing_features metadata name object
        package_dimensions shippable statement_descriptor tax_code unit_label updated url type""",
    "price": """active billing_scheme created currency custom_unit_amount id livemode lookup_key metadata nickname
        object product recurring tax_behavior tiers_mode transform_quantity type unit_amount unit_amount_decimal""",
    "plan": """active amount amount_decimal billing_scheme created currency id interval interval_count livemode
        metadata meter nickname object product tiers_mode transform_usage trial_period_days usage_type""",
    "customer": """address balance created currency default_source delinquent description discount email id
        invoice_prefix invoice_settings livemode metadata name next_invoice_sequence object phone preferred_locales
        shipping tax_exempt test_clock""",
    "tax_id": "country created customer id livemode object owner type value verification customer_account",
    "payment_method": """allow_redisplay billing_details card created customer id livemode metadata object type
        customer_account""",
    "payment_method.card": """brand checks country display_brand exp_month exp_year fingerprint funding generated_from
        last4 networks three_d_secure_usage wallet regulated_status""",
    "billing_details": "address email name phone tax_id",
    "coupon": """amount_off created currency duration duration_in_months id livemode max_redemptions metadata name
        object percent_off redeem_by times_redeemed valid""",
    "promotion_code": """active code created customer expires_at id livemode max_redemptions metadata object
        restrictions times_redeemed promotion customer_account""",
    "discount": """checkout_session customer end id invoice invoice_item object promotion_code start subscription
        subscription_item source customer_account""",
    "subscription": """application application_fee_percent automatic_tax billing_cycle_anchor
        billing_cycle_anchor_config cancel_at canceled_at cancellation_details collection_method created currency
        customer days_until_due default_payment_method default_source default_tax_rates description discounts ended_at
        id invoice_settings items latest_invoice livemode metadata next_pending_invoice_item_invoice object
        on_behalf_of pause_collection payment_settings pending_invoice_item_interval pending_setup_intent
        pending_update schedule start_date status test_clock transfer_data trial_end trial_settings trial_start
        cancel_at_period_end billing_thresholds billing_mode customer_account managed_payments billing_schedules""",
    "subscription_item": """created discounts id metadata object price quantity subscription tax_rates plan
        current_period_end current_period_start billing_thresholds""",
    "invoice": """account_country account_name account_tax_ids amount_due amount_paid amount_remaining amount_shipping
        application attempt_count attempted auto_advance automatic_tax billing_reason collection_method created
        currency custom_fields customer customer_address customer_email customer_name customer_phone
        customer_shipping customer_tax_exempt customer_tax_ids default_payment_method default_source
        default_tax_rates description discounts due_date effective_at ending_balance footer from_invoice
        hosted_invoice_url id invoice_pdf issuer last_finalization_error latest_revision lines livemode metadata
        next_payment_attempt number object on_behalf_of payment_settings period_end period_start
        post_payment_credit_notes_amount pre_payment_credit_notes_amount receipt_number rendering shipping_cost
        shipping_details starting_balance statement_descriptor status status_transitions subscription subtotal
        subtotal_excluding_tax test_clock total total_discount_amounts total_excluding_tax webhooks_delivered_at
        automatically_finalizes_at total_pretax_credit_amounts total_taxes amount_overpaid parent
        customer_account""",
    "line_item": """amount currency description discount_amounts discountable discounts id invoice livemode metadata
        object period quantity subscription pretax_credit_amounts taxes parent pricing subtotal quantity_decimal""",
    "invoiceitem": """amount currency customer date description discountable discounts id invoice livemode metadata
        object period proration quantity tax_rates test_clock parent pricing net_amount customer_account
        quantity_decimal""",
    "invoice_payment": """amount_paid amount_requested created currency id invoice is_default livemode object payment
        status status_transitions""",
    "payment_intent": """amount amount_capturable amount_details amount_received application application_fee_amount
        automatic_payment_methods canceled_at cancellation_reason capture_method client_secret confirmation_method
        created currency customer description id last_payment_error latest_charge livemode metadata next_action object
        on_behalf_of payment_method payment_method_configuration_details payment_method_options payment_method_types
        processing receipt_email review setup_future_usage shipping statement_descriptor statement_descriptor_suffix
        status transfer_data transfer_group source excluded_payment_method_types customer_account managed_payments""",
    "charge": """amount amount_captured amount_refunded application application_fee application_fee_amount
        balance_transaction billing_details calculated_statement_descriptor captured created currency customer
        description disputed failure_balance_transaction failure_code failure_message fraud_details id livemode
        metadata object on_behalf_of outcome paid payment_intent payment_method payment_method_details receipt_email
        receipt_number receipt_url refunded refunds review shipping source_transfer statement_descriptor
        statement_descriptor_suffix status transfer_data transfer_group source""",
    "charge.outcome": """advice_code network_advice_code network_decline_code network_status reason seller_message
        type""",
    "charge.card": """amount_authorized brand checks country exp_month exp_year extended_authorization fingerprint
        funding incremental_authorization installments last4 mandate multicapture network network_token overcapture
        three_d_secure wallet authorization_code regulated_status network_transaction_id transaction_link_id""",
    "refund": """amount balance_transaction charge created currency destination_details id metadata object
        payment_intent reason receipt_number source_transfer_reversal status transfer_reversal customer
        customer_account payment_method""",
    "dispute": """amount balance_transactions charge created currency evidence evidence_details id
        is_charge_refundable livemode metadata object payment_intent payment_method_details reason status
        enhanced_eligibility_types""",
    "dispute.evidence": """access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
        cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip
        customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
        product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date
        service_documentation shipping_address shipping_carrier shipping_date shipping_documentation
        shipping_tracking_number uncategorized_file uncategorized_text enhanced_evidence""",
    "checkout.session": """after_expiration allow_promotion_codes amount_subtotal amount_total automatic_tax
        billing_address_collection cancel_url client_reference_id client_secret consent consent_collection created
        currency custom_fields custom_text customer customer_creation customer_details customer_email expires_at id
        invoice invoice_creation livemode locale metadata mode object payment_intent payment_link
        payment_method_collection payment_method_configuration_details payment_method_options payment_method_types
        payment_status phone_number_collection recovered_from saved_payment_method_options setup_intent
        shipping_address_collection shipping_cost shipping_options status submit_type subscription success_url
        total_details ui_mode url adaptive_pricing discounts collected_information permissions wallet_options
        origin_context currency_conversion customer_account integration_identifier managed_payments""",
    "checkout.customer_details": "address email name phone tax_exempt tax_ids business_name individual_name",
    "billing_portal.session": """configuration created customer flow id livemode locale object on_behalf_of return_url
        url customer_account""",
    "billing_portal.configuration": """active application business_profile created default_return_url features id
        is_default livemode login_page metadata object updated name""",
    "event": "api_version created data id livemode object pending_webhooks request type",
    "test_helpers.test_clock": "created deletes_after frozen_time id livemode name object status status_details",
    "customer_balance_transaction": """amount created credit_note currency customer description ending_balance id
        invoice livemode metadata object type checkout_session customer_account""",
    "address": ADDRESS,
}
SHAPES = {name: tuple(keys.split()) for name, keys in _KEYS.items()}


def blank(shape: str, **known: Any) -> Json:
    """An object (or a named part of one) with every field it has, and what is known of them."""
    made: Json = dict.fromkeys(SHAPES[shape])
    for key, value in (("object", shape), ("livemode", False), ("metadata", {})):
        if key in made:
            made[key] = value
    unknown = [key for key in known if key not in made and not key.startswith("_")]
    if unknown:
        raise KeyError(f"{shape} has no {unknown}")
    return {**made, **known}


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def public(value: Any) -> Any:
    """Without what the stand-in keeps for itself: names that begin with an underscore."""
    if isinstance(value, dict):
        return {key: public(inner) for key, inner in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(inner) for inner in value]
    return value


def listed(data: list[Json], url: str, *, more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": more, "url": url}
