"""The customer's pages in Chinese. English is the key; what is not here is shown in English."""

from contextvars import ContextVar
from datetime import UTC, datetime

from deploy.development.standin import periods

# Of the page that is being made: "zh" or anything else.
language: ContextVar[str] = ContextVar("language", default="en")

_CHINESE = {
    "Test page: a stand-in for Stripe on this machine. No money moves.": (
        "测试页面：本机的 Stripe 替身，不会产生任何扣款。"
    ),
    "Subscribe to {site}": "订阅 {site}",
    "Subscribe": "订阅",
    "Due today": "今日应付",
    "Discount": "折扣",
    "Then {amount} each month, from {day}.": "自 {day} 起，每月 {amount}。",
    "Then {amount} each year, from {day}.": "自 {day} 起，每年 {amount}。",
    "E-mail": "电子邮箱",
    "Card": "银行卡",
    "Card number": "卡号",
    "New card number": "新卡号",
    "Expiry": "有效期",
    "Security code": "安全码",
    "Name on the card or of the company": "持卡人姓名或公司名称",
    "Billing address": "账单地址",
    "Country": "国家或地区",
    "Address": "地址",
    "City": "城市",
    "Province or state": "省份",
    "Postal code": "邮政编码",
    "Kind of tax id": "税号类型",
    "Tax id": "税号",
    "Leave it empty for none.": "没有可留空。",
    "Promotion code": "优惠码",
    "Apply the code": "使用优惠码",
    "Pay with {wallet}": "用{wallet}付款",
    "{wallet} fails": "{wallet}付款失败",
    "Alipay": "支付宝",
    "WeChat Pay": "微信支付",
    "Back without paying": "不付款，返回",
    "Back to {site}": "返回 {site}",
    "Back": "返回",
    "This page has expired": "此页面已过期",
    "Begin again where you came from.": "请返回原处重新开始。",
    "4242 4242 4242 4242 pays; 4000 0000 0000 0002 is declined; 4000 0025 0000 3155 asks for authentication.": (
        "4242 4242 4242 4242 付款成功；4000 0000 0000 0002 被拒；4000 0025 0000 3155 需要验证。"
    ),
    "4242 4242 4242 4242 pays; 4000 0000 0000 0341 is taken, and then fails.": (
        "4242 4242 4242 4242 付款成功；4000 0000 0000 0341 可以保存，之后扣款失败。"
    ),
    "Authentication": "验证",
    "This is what a bank's page would ask. Complete it, or let it fail.": (
        "这里模拟银行的验证页面。请完成验证，或让它失败。"
    ),
    "Complete": "完成",
    "Fail": "失败",
    "We are unable to authenticate your payment method. Choose a different one and try again.": (
        "无法验证此付款方式。请换一种再试。"
    ),
    "Your card was declined.": "银行卡被拒。",
    "Your card has insufficient funds.": "银行卡余额不足。",
    "Your card has expired.": "银行卡已过期。",
    "Your card's security code is incorrect.": "安全码不正确。",
    "Your card number is incomplete.": "卡号不完整。",
    "This code is invalid.": "优惠码无效。",
    "This promotion code cannot be redeemed.": "此优惠码不能使用。",
    "Billing with {site}": "{site} 账单",
    "Plan": "套餐",
    "renews on {day}": "{day} 续订",
    "ends on {day}": "{day} 结束",
    "No subscription runs.": "目前没有订阅。",
    "Cancel the subscription": "取消订阅",
    "Keep the subscription": "保留订阅",
    "Payment method": "付款方式",
    "None.": "无。",
    "Use this card": "使用此卡",
    "Billing details": "账单信息",
    "Name": "名称",
    "Save": "保存",
    "Invoices": "账单",
    "Invoice": "账单",
    "Invoice {number}": "账单 {number}",
    "Date": "日期",
    "Status": "状态",
    "Total": "合计",
    "From the balance": "余额抵扣",
    "Due": "应付",
    "Paid": "已付",
    "Pay": "付款",
    "Leave it empty to use the card on file.": "留空则使用已保存的卡。",
    "Download the PDF": "下载 PDF",
    "This is not offered here.": "这里不提供此操作。",
    "China": "中国",
    "Hong Kong": "中国香港",
    "Taiwan": "中国台湾",
    "Singapore": "新加坡",
    "United States": "美国",
    "United Kingdom": "英国",
    "Germany": "德国",
    "France": "法国",
    "Austria": "奥地利",
    "Canada": "加拿大",
    "Australia": "澳大利亚",
    "Japan": "日本",
    "Stand-in for Stripe, for {site}": "{site} 的 Stripe 替身",
    "It is {moment} here.": "这里现在是 {moment}。",
    "Moving the time makes trials end, periods renew and failed payments be tried again; the application keeps its own.": (  # noqa: E501 - the text is the key
        "拨动时间后，试用会结束、周期会续订、失败的付款会重试；应用程序的时间不变。"
    ),
    "1 day on": "前进 1 天",
    "15 days on": "前进 15 天",
    "to the next payment": "到下次付款",
    "Subscriptions": "订阅",
    "None yet: subscribe in the application.": "还没有：请在应用程序中订阅。",
    "Customer": "客户",
    "Period ends": "周期结束",
    "Move its time": "拨动时间",
    "Payments": "付款",
    "Charge": "扣款",
    "Amount": "金额",
    "Dispute": "提出争议",
    "disputed": "有争议",
    "succeeded": "成功",
    "failed": "失败",
    "Events": "事件",
    "Time": "时间",
    "Event": "事件",
    "Delivery": "送达",
    "Send again": "重新发送",
    "waiting": "等待中",
    "taken ({answer})": "已接收（{answer}）",
    "not taken ({answer}), tried {times} times": "未接收（{answer}），已试 {times} 次",
    "no answer": "无应答",
    "canceled": "已结束",
    "incomplete_expired": "已过期",
    "active": "有效",
    "trialing": "试用中",
    "past_due": "逾期",
    "unpaid": "未付",
    "paid": "已付",
    "open": "待付",
    "void": "作废",
    "uncollectible": "无法收回",
    "incomplete": "未完成",
}


def t(text: str, **values: object) -> str:
    found = _CHINESE.get(text, text) if language.get() == "zh" else text
    return found.format(**values) if values else found


def choose(accepted: str) -> None:
    """From a session's locale or what a browser asks for: whichever language comes first."""
    language.set("zh" if accepted.strip().lower().startswith("zh") else "en")


def day(moment: int) -> str:
    if language.get() != "zh":
        return periods.day(moment)
    return datetime.fromtimestamp(moment, UTC).strftime("%Y年%-m月%-d日")
